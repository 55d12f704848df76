/** One conversation's numbered events as this browser holds them: without a hole, without a double, in whatever order they came. */
import type { ConversationEvent } from '@/protocol'

export interface ConversationLog {
  /** Every event from `firstSeq` to `head`, in order. */
  readonly events: readonly ConversationEvent[]
  /** Events that came before the ones they follow; they wait here, in order, until the hole is filled. */
  readonly ahead: readonly ConversationEvent[]
  /** The number of the earliest event held; earlier ones are fetched when someone scrolls up. */
  readonly firstSeq: number
  /** The number of the last event before any hole: everything after it is asked for again. */
  readonly head: number
}

/** A log that holds nothing up to and including `after`. */
export function emptyLog(after = 0): ConversationLog {
  return { events: [], ahead: [], firstSeq: after + 1, head: after }
}

/** The log with these events taken in; events it already holds change nothing. */
export function withEvents(log: ConversationLog, arrived: readonly ConversationEvent[]): ConversationLog {
  const fresh = new Map<number, ConversationEvent>()
  for (const event of log.ahead) fresh.set(event.seq, event)
  let changed = false
  for (const event of arrived) {
    if (event.seq <= log.head || fresh.has(event.seq)) continue
    fresh.set(event.seq, event)
    changed = true
  }
  if (!changed) return log
  const appended: ConversationEvent[] = []
  let head = log.head
  for (let next = fresh.get(head + 1); next; next = fresh.get(head + 1)) {
    appended.push(next)
    fresh.delete(next.seq)
    head = next.seq
  }
  const ahead = [...fresh.values()].sort((a, b) => a.seq - b.seq)
  return { ...log, events: appended.length ? [...log.events, ...appended] : log.events, ahead, head }
}

/** The log with an earlier page put in front; a page that does not reach the first event held is left out. */
export function withEarlier(log: ConversationLog, page: readonly ConversationEvent[]): ConversationLog {
  const before = page.filter((event) => event.seq < log.firstSeq).sort((a, b) => a.seq - b.seq)
  let from = before.length
  let expected = log.firstSeq - 1
  while (from > 0 && before[from - 1]?.seq === expected) {
    from -= 1
    expected -= 1
  }
  const joined = before.slice(from)
  return joined.length ? { ...log, events: [...joined, ...log.events], firstSeq: joined[0]!.seq } : log
}

export function hasEarlier(log: ConversationLog): boolean {
  return log.firstSeq > 1
}

/** The hole's left edge when the server's log is known to be longer than ours, or null when we have everything. */
export function askAgainAfter(log: ConversationLog, serverHead = 0): number | null {
  return log.ahead.length > 0 || serverHead > log.head ? log.head : null
}
