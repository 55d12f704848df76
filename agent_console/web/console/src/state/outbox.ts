/** What an agent has sent and the desk has not yet shown back: kept under its client_msg_id until it is an event. */
import type { MessageBody } from '@/protocol'

export type Sending = 'queued' | 'sending' | 'sent' | 'failed'

export interface Refusal {
  readonly code: string
  readonly detail: string
}

export interface Outgoing {
  readonly conversation_id: string
  readonly client_msg_id: string
  readonly kind: 'message' | 'note'
  readonly body: MessageBody
  readonly at: string
  readonly state: Sending
  /** Where the desk stored it, once it has said so. */
  readonly seq?: number
  /** Why the desk refused it. */
  readonly why?: Refusal
}
export type Outbox = readonly Outgoing[]

/** Nobody types this much while a line is down; more than this is a program gone wrong. */
export const LONGEST_OUTBOX = 200

export function queued(outbox: Outbox, outgoing: Omit<Outgoing, 'state'>): Outbox {
  if (outbox.some((one) => one.client_msg_id === outgoing.client_msg_id)) return outbox
  if (outbox.length >= LONGEST_OUTBOX) return outbox
  return [...outbox, { ...outgoing, state: 'queued' }]
}

/** The ones to send now: per conversation the oldest, and only when nothing of that conversation is on its way, so that order holds. */
export function nextToSend(outbox: Outbox): Outgoing[] {
  const busy = new Set<string>()
  const next: Outgoing[] = []
  for (const one of outbox) {
    if (busy.has(one.conversation_id)) continue
    if (one.state === 'sending') busy.add(one.conversation_id)
    if (one.state === 'queued') {
      busy.add(one.conversation_id)
      next.push(one)
    }
  }
  return next
}

function changed(outbox: Outbox, id: string, change: (one: Outgoing) => Outgoing): Outbox {
  return outbox.map((one) => (one.client_msg_id === id ? change(one) : one))
}

export function underWay(outbox: Outbox, id: string): Outbox {
  return changed(outbox, id, (one) => ({ ...one, state: 'sending' }))
}

/** The desk has stored it as `seq`; it stays on screen until that event arrives. */
export function acked(outbox: Outbox, id: string, seq: number): Outbox {
  return changed(outbox, id, ({ why: _why, ...one }) => ({ ...one, state: 'sent', seq }))
}

/** Refusals that pass by themselves: the same message is welcome in a moment, and nobody need click. */
export function isPassing(code: string): boolean {
  return code === 'storage_unavailable' || code === 'too_many_requests'
}

export function refused(outbox: Outbox, id: string, why: Refusal): Outbox {
  return changed(outbox, id, (one) => (one.state === 'sent' ? one : { ...one, state: 'failed', why }))
}

/** Sent again under the same id, so that a copy which did arrive is recognised. */
export function retried(outbox: Outbox, id: string): Outbox {
  return changed(outbox, id, ({ why: _why, ...one }) => (one.state === 'failed' ? { ...one, state: 'queued' } : one))
}

export function discarded(outbox: Outbox, id: string): Outbox {
  return outbox.filter((one) => one.client_msg_id !== id)
}

/** The line broke: whatever was under way may or may not have arrived, so it goes again with the same id. */
export function lineLost(outbox: Outbox): Outbox {
  return outbox.some((one) => one.state === 'sending')
    ? outbox.map((one) => (one.state === 'sending' ? { ...one, state: 'queued' } : one))
    : outbox
}

/** The desk's log has reached `head` and holds these ids: their place on screen is the event's now. */
export function arrived(
  outbox: Outbox,
  conversationId: string,
  ids: ReadonlySet<string>,
  head: number,
): Outbox {
  const isSettled = (one: Outgoing) =>
    one.conversation_id === conversationId &&
    (ids.has(one.client_msg_id) || (one.seq !== undefined && one.seq <= head))
  return outbox.some(isSettled) ? outbox.filter((one) => !isSettled(one)) : outbox
}

export function kept(outbox: Outbox): string {
  return JSON.stringify(outbox.filter((one) => one.state !== 'sent'))
}

/** What an earlier page left behind, or nothing when it cannot be read. */
export function restored(text: string | null): Outbox {
  if (!text) return []
  try {
    const read: unknown = JSON.parse(text)
    if (!Array.isArray(read)) return []
    const isOutgoing = (one: unknown): one is Outgoing =>
      typeof one === 'object' && one !== null && 'client_msg_id' in one && 'conversation_id' in one && 'body' in one
    return lineLost(read.filter(isOutgoing).slice(0, LONGEST_OUTBOX))
  } catch {
    return []
  }
}
