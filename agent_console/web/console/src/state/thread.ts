/** A log and an outbox turned into what a transcript shows: days, bubbles, lines, notes, with marks moved to the message they are about. */
import type { ConversationEvent, EventOf, PromiseGiven, UnderstoodBody } from '@/protocol'
import type { Outgoing } from './outbox'

export type ThreadItem =
  | { kind: 'day'; key: string; at: string }
  | {
      kind: 'message'
      key: string
      event: EventOf<'message'>
      /** Said by the same author shortly before: the name is not repeated. */
      follows: boolean
      recalled: boolean
      helpful: boolean | null
      understood: UnderstoodBody | null
    }
  | { kind: 'note'; key: string; event: EventOf<'note'> }
  | { kind: 'suppressed'; key: string; event: EventOf<'suppressed'> }
  | { kind: 'line'; key: string; event: LineEvent }
  | { kind: 'outgoing'; key: string; outgoing: Outgoing }

export type LineEvent = EventOf<
  | 'handed_over' | 'waiting_cancelled' | 'claimed' | 'requeued' | 'transferred' | 'returned_to_bot' | 'closed'
  | 'reopened' | 'rated' | 'notice' | 'promise_made' | 'promise_kept' | 'promise_withdrawn' | 'promise_passed_on' | 'acted' | 'alert' | 'snoozed' | 'woken' | 'invited'
>

/** Messages of one author closer together than this stand under one name. */
const SAME_BREATH_MS = 120_000

function localDay(at: string): string {
  const day = new Date(at)
  return `${day.getFullYear()}-${day.getMonth()}-${day.getDate()}`
}

export function threadOf(events: readonly ConversationEvent[], outgoing: readonly Outgoing[]): ThreadItem[] {
  const recalled = new Set<number>()
  const helpful = new Map<number, boolean>()
  const understood = new Map<number, UnderstoodBody>()
  const present = new Set<string>()
  for (const event of events) {
    if (event.kind === 'recalled') recalled.add(event.body.seq)
    else if (event.kind === 'feedback') helpful.set(event.body.seq, event.body.helpful)
    else if (event.kind === 'understood') understood.set(event.body.of_seq, event.body)
    if (event.client_msg_id) present.add(event.client_msg_id)
  }
  const items: ThreadItem[] = []
  let day = ''
  let last: EventOf<'message'> | null = null
  const newDay = (at: string) => {
    if (localDay(at) === day) return
    day = localDay(at)
    last = null
    items.push({ kind: 'day', key: `day-${day}`, at })
  }
  for (const event of events) {
    if (event.kind === 'recalled' || event.kind === 'feedback' || event.kind === 'understood' || event.kind === 'hidden') {
      continue
    }
    newDay(event.at)
    const key = event.client_msg_id ?? event.id
    if (event.kind === 'message') {
      const follows: boolean =
        last !== null &&
        last.author.role === event.author.role &&
        last.author.id === event.author.id &&
        Date.parse(event.at) - Date.parse(last.at) < SAME_BREATH_MS
      items.push({
        kind: 'message',
        key,
        event,
        follows,
        recalled: recalled.has(event.seq) || !event.body || !('type' in event.body),
        helpful: helpful.get(event.seq) ?? null,
        understood: understood.get(event.seq) ?? null,
      })
      last = event
      continue
    }
    last = null
    if (event.kind === 'note') items.push({ kind: 'note', key, event })
    else if (event.kind === 'suppressed') items.push({ kind: 'suppressed', key, event })
    else items.push({ kind: 'line', key, event })
  }
  for (const one of outgoing) {
    if (present.has(one.client_msg_id)) continue
    newDay(one.at)
    items.push({ kind: 'outgoing', key: one.client_msg_id, outgoing: one })
  }
  return items
}

/** The number of the last thing the customer said, or null. */
export function lastCustomerSeq(events: readonly ConversationEvent[]): number | null {
  return events.findLast((event) => event.kind === 'message' && event.author.role === 'customer')?.seq ?? null
}

/** Said on the way; the question stands in an earlier line. */
const NO_QUESTION: ReadonlySet<string> = new Set([
  'affirm', 'ask_if_bot', 'ask_person', 'ask_what_you_can', 'deny', 'goodbye', 'greet', 'hold_on', 'praise', 'refuse_person', 'small_talk', 'thank', 'unhelpful',
])
/** The same where nobody read the line for its intent, because a person had the conversation by then. */
const COURTESY = /^(?:好的?|好吧|行|嗯+|哦+|噢|谢谢|多谢|感谢|辛苦了?|收到|知道了?|明白了?|可以|没有了?|不用了?|在吗|在不在|你好|您好|人工|转人工|客服|再见|拜拜|ok|thanks?|thank you|hi|hello|bye|[\s，,。.！!～~、？?啊呀吧哈呢你您了的])+$/i

/** The question the helper panel looks up: the customer's last words that ask something; empty when none did. */
export function latestQuestion(events: readonly ConversationEvent[]): string {
  const intents = new Map<number, string>()
  for (let at = events.length - 1; at >= 0; at -= 1) {
    const event = events[at]!
    if (event.kind === 'understood') intents.set(event.body.of_seq, event.body.intent)
    if (event.kind !== 'message' || event.author.role !== 'customer' || event.body.type !== 'text') continue
    const { text } = event.body
    if (!NO_QUESTION.has(intents.get(event.seq) ?? '') && !COURTESY.test(text.trim())) return text
  }
  return ''
}

/** Promises of this log that are neither kept nor withdrawn, each as it stands now. */
export function openPromises(events: readonly ConversationEvent[]): PromiseGiven[] {
  const open = new Map<string, PromiseGiven>()
  for (const event of events) {
    if (event.kind === 'promise_made') open.set(event.body.promise_id, event.body)
    else if (event.kind === 'promise_kept' || event.kind === 'promise_withdrawn') open.delete(event.body.promise_id)
    else if (event.kind === 'promise_passed_on') {
      const held = open.get(event.body.promise_id)
      if (held) open.set(event.body.promise_id, { ...held, owner: event.body.owner })
    }
  }
  return [...open.values()]
}

const HANDS: ReadonlySet<string> = new Set(['claimed', 'transferred', 'requeued', 'returned_to_bot', 'closed', 'reopened', 'handed_over'])

/** The transfer that brought the customer to this agent, as long as he has not answered: he may still send it back. */
export function transferToAnswer(events: readonly ConversationEvent[], agentId: string): EventOf<'transferred'> | null {
  const at = events.findLastIndex((event) => HANDS.has(event.kind))
  const last = events[at]
  if (last?.kind !== 'transferred' || last.body.staff?.to.agent_id !== agentId || last.body.staff.why === 'declined') return null
  const hasSpoken = events.slice(at + 1).some((event) => event.kind === 'message' && event.author.role === 'agent' && event.author.id === agentId)
  return hasSpoken ? null : last
}

/** Until when its agent has set the conversation aside, or null. */
export function snoozedUntil(events: readonly ConversationEvent[]): string | null {
  const AWAKE: ReadonlySet<string> = new Set(['woken', 'claimed', 'transferred', 'requeued', 'returned_to_bot', 'closed', 'reopened'])
  const last = events.findLast((event) => event.kind === 'snoozed' || AWAKE.has(event.kind))
  return last?.kind === 'snoozed' ? last.body.until : null
}

/** A conversation's last hand-over, which a verdict is about. */
export function lastHandover(events: readonly ConversationEvent[]): EventOf<'handed_over'> | null {
  const last = events.findLast((event) => event.kind === 'handed_over')
  return last?.kind === 'handed_over' ? last : null
}

/** A recall is possible for two minutes, and only of one's own words. */
export function mayRecall(event: ConversationEvent, agentId: string, now: number): boolean {
  const RECALL_MS = 120_000
  return (
    event.kind === 'message' &&
    event.author.role === 'agent' &&
    event.author.id === agentId &&
    now - Date.parse(event.at) < RECALL_MS
  )
}
