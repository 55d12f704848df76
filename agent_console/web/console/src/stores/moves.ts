/** What an agent may do with a conversation besides talking: take it, pass it on, end it. */
import { defineStore } from 'pinia'
import * as api from '@/connection/desk_api'
import { isPicture, shrunk } from '@/connection/picture'
import type { Colleague, Conversation, Group, HandoffDecision, Outcome, SendCheck } from '@/protocol'
import { useLists } from './lists'
import { useOutbox } from './outbox'
import { useSession } from './session'
import { useThreads } from './threads'

export const useMoves = defineStore('moves', () => {
  const lists = useLists()
  const threads = useThreads()
  const outbox = useOutbox()
  const session = useSession()

  async function taken(conversation: Conversation): Promise<void> {
    threads.takeConversation(conversation)
    lists.openList = 'mine'
    await session.refresh().catch(() => undefined)
  }

  /** Takes whoever waits first for this agent; tells whom. */
  async function claimNext(): Promise<string> {
    const conversation = await api.next()
    lists.takenHere(conversation.id)
    await taken(conversation)
    return conversation.id
  }

  async function claim(id: string): Promise<void> {
    lists.takenHere(id)
    await taken(await api.claim(id, lists.rowOf(id)?.holder_version ?? threads.threads.get(id)?.conversation?.holder_version))
  }

  async function takeOver(id: string): Promise<void> {
    lists.takenHere(id)
    await taken(await api.takeOver(id))
  }

  const transfer = (id: string, to: { agent_id: string } | { group: string }, note: string) => api.transfer(id, to, note)
  const decline = async (id: string, note: string) => threads.takeConversation(await api.decline(id, note))
  const snooze = (id: string, until: string, note: string) => api.snooze(id, until, note)
  const invite = (id: string, agentId: string, note: string) => api.invite(id, agentId, note)
  const check = (id: string, text: string, signal?: AbortSignal): Promise<SendCheck> => api.check(id, text, signal)
  const unmask = async (id: string, seq: number, reason: string): Promise<string> => (await api.unmask(id, seq, reason)).text
  const phone = async (id: string, reason: string): Promise<string> => (await api.phone(id, reason)).phone
  const returnToBot = (id: string, note: string) => api.returnToBot(id, note)
  const close = (id: string, outcome: Outcome, category: string, note: string, promise: { text: string; due_at: string } | null) => api.close(id, outcome, category, note, promise)
  const recall = (id: string, seq: number) => api.recall(id, seq)
  const verdict = (id: string, handoffId: string, wasNeeded: boolean) => api.verdict(id, handoffId, wasNeeded)
  const decisions = (id: string): Promise<HandoffDecision[]> => api.decisions(id)
  const saveDraft = (id: string, text: string) => api.saveDraft(id, text)
  const colleagues = (): Promise<{ agents: Colleague[]; groups: Group[] }> => api.agents()

  /** False when the file is not a picture that can be sent. */
  async function sendPicture(id: string, file: File): Promise<boolean> {
    if (!isPicture(file)) return false
    const upload = await api.upload(await shrunk(file), file.name || 'picture')
    outbox.put(id, 'message', { type: 'image', ...upload })
    return true
  }

  return { claim, claimNext, takeOver, transfer, decline, snooze, invite, check, unmask, phone, returnToBot, close, recall, verdict, decisions, saveDraft, colleagues, sendPicture }
})
