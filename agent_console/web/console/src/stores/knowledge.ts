/** The knowledge base as its managers see it: the list, the entry that is open, and what is being changed in it. */
import { computed, ref, shallowReactive, shallowRef } from 'vue'
import { defineStore } from 'pinia'
import * as api from '@/connection/knowledge_api'
import { Refused } from '@/trouble'
import type { Entry, EntryDraft, EntryState, EntryVersion, KnowledgeStatus, TryAnswer } from '@/protocol'
import { changedFields } from '@/state/entry_diff'
import { draftOf, emptyDraft } from '@/state/entry_form'
import type { EntryStep } from '@/state/knowledge_steps'

export interface Conflict {
  mine: EntryDraft
  theirs: Entry
}
const PAGE = 50

export const useKnowledge = defineStore('knowledge', () => {
  const filter = shallowReactive<{ q: string; category: string; state: EntryState | '' }>({ q: '', category: '', state: '' })
  const entries = shallowRef<readonly Entry[]>([])
  const total = shallowRef(0)
  const cursor = shallowRef<string | null>(null)
  const isListing = shallowRef(false)
  const listError = shallowRef<unknown>(null)
  const categories = shallowRef<readonly { name: string; entries: number }[]>([])
  const status = shallowRef<KnowledgeStatus | null>(null)
  const open = shallowRef<Entry | null>(null)
  const etag = shallowRef('')
  const openError = shallowRef<unknown>(null)
  const draft = ref<EntryDraft>(emptyDraft())
  const conflict = shallowRef<Conflict | null>(null)
  const isNew = shallowRef(false)
  let asked = 0

  const isChanged = computed(() => changedFields(open.value ? draftOf(open.value) : emptyDraft(), draft.value).length > 0)

  async function list(): Promise<void> {
    const mine = ++asked
    isListing.value = true
    listError.value = null
    try {
      const page = await api.entries({ ...filter, limit: PAGE })
      if (mine !== asked) return
      entries.value = page.entries
      total.value = page.total
      cursor.value = page.next_cursor
    } catch (error) {
      if (mine === asked) listError.value = error
    } finally {
      if (mine === asked) isListing.value = false
    }
  }

  async function listMore(): Promise<void> {
    if (isListing.value || !cursor.value) return
    const mine = ++asked
    isListing.value = true
    try {
      const page = await api.entries({ ...filter, cursor: cursor.value, limit: PAGE })
      if (mine !== asked) return
      const known = new Set(entries.value.map((entry) => entry.id))
      entries.value = [...entries.value, ...page.entries.filter((entry) => !known.has(entry.id))]
      total.value = page.total
      cursor.value = page.next_cursor
    } catch (error) {
      if (mine === asked) listError.value = error
    } finally {
      if (mine === asked) isListing.value = false
    }
  }

  async function about(): Promise<void> {
    const [named, now] = await Promise.allSettled([api.categories(), api.status()])
    if (named.status === 'fulfilled') categories.value = named.value.categories
    if (now.status === 'fulfilled') status.value = now.value
  }

  function show(marked: api.Marked<Entry>): void {
    open.value = marked.data
    etag.value = marked.etag
    draft.value = draftOf(marked.data)
    isNew.value = false
    openError.value = null
    entries.value = entries.value.map((entry) => (entry.id === marked.data.id ? marked.data : entry))
  }

  async function read(id: string): Promise<void> {
    openError.value = null
    conflict.value = null
    try {
      show(await api.entry(id))
    } catch (error) {
      open.value = null
      openError.value = error
    }
  }

  function begin(question = ''): void {
    open.value = null
    etag.value = ''
    openError.value = null
    conflict.value = null
    isNew.value = true
    draft.value = { ...emptyDraft(), question, category: filter.category }
  }

  function leave(): void {
    open.value = null
    isNew.value = false
    draft.value = emptyDraft()
    conflict.value = null
  }

  function undo(): void {
    draft.value = open.value ? draftOf(open.value) : emptyDraft()
  }

  /** Saves what is in the form; true when it is stored, false when someone else was faster and a choice is needed. */
  async function save(): Promise<boolean> {
    const mine = draft.value
    if (!open.value) {
      show(await api.create(mine))
      void list()
      void about()
      return true
    }
    return guarded(mine, async () => show(await api.save(open.value!.id, mine, etag.value)))
  }

  /** Any change under `If-Match`; a conflict fetches their version beside ours. */
  async function guarded(mine: EntryDraft, change: () => Promise<void>): Promise<boolean> {
    try {
      await change()
      conflict.value = null
      return true
    } catch (error) {
      if (!(error instanceof Refused) || error.code !== 'edited_meanwhile' || !open.value) throw error
      const current = await api.entry(open.value.id)
      etag.value = current.etag
      conflict.value = { mine: { ...mine }, theirs: current.data }
      return false
    }
  }

  /** After a conflict: keeps the chosen fields, on top of what the other one saved. */
  async function settle(chosen: EntryDraft | null): Promise<boolean> {
    const theirs = conflict.value?.theirs
    if (!theirs) return true
    conflict.value = null
    show({ data: theirs, etag: etag.value })
    if (!chosen || !changedFields(draftOf(theirs), chosen).length) return true
    draft.value = chosen
    return save()
  }

  /** Moves the entry on; tells how many nodes serve it, when that is known. */
  async function step(which: EntryStep): Promise<{ serving: number; total: number } | null> {
    const entry = open.value
    if (!entry) return null
    let nodes: { serving: number; total: number } | null = null
    await guarded(draft.value, async () => {
      if (which === 'publish') {
        const answer = await api.publish(entry.id, etag.value)
        nodes = answer.data.nodes
        show({ data: answer.data.entry, etag: answer.etag })
      } else show(await api.step(entry.id, which, etag.value))
    })
    void about()
    return nodes
  }

  async function rollBack(version: number): Promise<void> {
    const entry = open.value
    if (entry) await guarded(draft.value, async () => show(await api.rollBack(entry.id, version, etag.value)))
  }

  const history = async (id: string): Promise<EntryVersion[]> => (await api.history(id)).versions
  const tryOut = (text: string): Promise<TryAnswer> => api.tryText(text)

  /** Gives another entry one more phrasing, as a draft of it; false when it had it already. */
  async function addPhrasing(id: string, phrasing: string): Promise<boolean> {
    const { data, etag: mark } = await api.entry(id)
    if (data.question === phrasing || data.similar.includes(phrasing)) return false
    const saved = await api.save(id, { ...draftOf(data), similar: [...data.similar, phrasing] }, mark)
    entries.value = entries.value.map((entry) => (entry.id === id ? saved.data : entry))
    return true
  }

  const unanswered = api.unanswered
  const resolveUnanswered = api.resolveUnanswered

  return {
    filter, entries, total, cursor, isListing, listError, categories, status, open, openError, draft, conflict, isNew, isChanged,
    list, listMore, about, read, begin, leave, undo, save, settle, step, rollBack, history, tryOut, addPhrasing, unanswered, resolveUnanswered,
  }
})
