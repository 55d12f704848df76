/** Who is signed in here, and whether he is there for customers. */
import { computed, shallowRef } from 'vue'
import { defineStore } from 'pinia'
import * as api from '@/connection/desk_api'
import { onSignedOut } from '@/connection/rest'
import { Refused } from '@/trouble'
import type { Me, Presence } from '@/protocol'

export const useSession = defineStore('session', () => {
  const me = shallowRef<Me | null>(null)
  const isSetupNeeded = shallowRef(false)
  const isKnown = shallowRef(false)
  const agentNames = shallowRef<ReadonlyMap<string, string>>(new Map())
  const groupNames = shallowRef<ReadonlyMap<string, string>>(new Map())

  const id = computed(() => me.value?.id ?? '')
  const mayEditKnowledge = computed(() => me.value?.roles.some((role) => role === 'knowledge_manager' || role === 'admin') ?? false)
  /** Whoever only edits answers or accounts has no business in what customers write. */
  const mayServe = computed(() => me.value?.roles.some((role) => role === 'agent' || role === 'supervisor') ?? false)
  const home = computed(() => (mayServe.value ? 'conversations' : 'knowledge'))
  const isSupervisor = computed(() => me.value?.roles.some((role) => role === 'supervisor' || role === 'admin') ?? false)

  /** Why he is not there just now, as he said himself. */
  const presenceReason = computed(() => me.value?.presence_reason ?? '')

  /** Asks once per page; throws only when the desk cannot be reached. */
  async function load(): Promise<void> {
    if (isKnown.value) return
    try {
      me.value = await api.me()
    } catch (error) {
      if (!(error instanceof Refused)) throw error
      isSetupNeeded.value = (await api.setupNeeded()).needed
    }
    isKnown.value = true
  }

  async function signIn(login: string, password: string): Promise<void> {
    me.value = await api.signIn(login, password)
  }

  async function setUp(first: { code: string; login: string; name: string; password: string }): Promise<void> {
    const answer = await api.setUp(first)
    isSetupNeeded.value = false
    me.value = answer && 'roles' in answer ? answer : await api.me()
  }

  async function signOut(): Promise<void> {
    await api.signOut()
    forget()
  }

  /** The desk no longer knows this browser. */
  function forget(): void {
    me.value = null
  }

  onSignedOut(forget)

  async function setPresence(presence: Presence, reason = ''): Promise<void> {
    me.value = { presence_reason: reason, ...(await api.setPresence(presence, reason)) }
  }

  /** What the desk calls its skill groups and colleagues; ids stay ids until it has answered. */
  async function learnGroups(): Promise<void> {
    const { groups, agents } = await api.agents()
    agentNames.value = new Map(agents.map((agent) => [agent.id, agent.name]))
    groupNames.value = new Map(groups.map((group) => [group.id, group.name]))
  }

  const groupName = (group: string | null | undefined) => (group ? groupNames.value.get(group) ?? group : '')

  /** Whose an id is; nothing when he is not known here, so that no raw id ever reaches the screen. */
  const agentName = (agent: string | null | undefined) => agentNames.value.get((agent ?? '').replace(/^agent:/, '')) ?? ''

  /** A colleague or a group, as an owner names it. */
  const ownerName = (owner: string | null | undefined) => (owner?.startsWith('group:') ? groupName(owner.slice(6)) : agentName(owner))

  async function refresh(): Promise<void> {
    const said = me.value?.presence_reason
    me.value = { ...(said === undefined ? {} : { presence_reason: said }), ...(await api.me()) }
  }

  function heardPresence(agentId: string, presence: Presence): void {
    if (me.value?.id === agentId && me.value.presence !== presence) me.value = { ...me.value, presence, presence_reason: '' }
  }

  return { me, id, presenceReason, isKnown, isSetupNeeded, mayEditKnowledge, mayServe, home, isSupervisor, load, signIn, setUp, signOut, forget, setPresence, refresh, heardPresence, learnGroups, groupNames, groupName, agentName, ownerName }
})
