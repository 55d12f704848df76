/** The conversation lists: which list a row belongs to, in which order, and which of two versions of a row is newer. */
import type { Holder, ListName, Row } from '@/protocol'

export type RowBook = ReadonlyMap<string, Row>

/** The book with these rows taken in; a row older than the one held is dropped, so the order of arrival does not matter. */
export function withRows(book: RowBook, rows: readonly Row[]): RowBook {
  let next: Map<string, Row> | null = null
  for (const row of rows) {
    const held = (next ?? book).get(row.id)
    if (held && held.revision > row.revision) continue
    next ??= new Map(book)
    next.set(row.id, row)
  }
  return next ?? book
}

export function isHeldBy(holder: Holder, agentId: string): boolean {
  return holder === `agent:${agentId}`
}

/** The bot has it and was not sure enough to go on alone: the desk then names the reason in the row. */
export function isToBeWatched(row: Pick<Row, 'holder' | 'reason'>): boolean {
  return row.holder === 'bot' && row.reason !== null
}

/** The list this agent finds the row in; `team` for a conversation that a colleague holds. */
export function listOf(row: Pick<Row, 'holder'>, agentId: string): ListName {
  if (isHeldBy(row.holder, agentId)) return 'mine'
  if (row.holder === 'queue') return 'waiting'
  if (row.holder === 'bot') return 'bot'
  return row.holder === 'nobody' ? 'closed' : 'team'
}

function byLatest(a: Row, b: Row): number {
  return compareTimes(b.last_at, a.last_at) || (a.id < b.id ? -1 : 1)
}

function byLongestWait(a: Row, b: Row): number {
  return compareTimes(a.waiting_since, b.waiting_since) || (a.id < b.id ? -1 : 1)
}

// The desk writes every time in UTC in one format, so the text sorts as the time does.
function compareTimes(a: string | null, b: string | null): number {
  const left = a ?? ''
  const right = b ?? ''
  return left < right ? -1 : left > right ? 1 : 0
}

/** All lists in one pass: those who wait longest first in the queue, the latest word first elsewhere. What is to be watched is with the bot too. */
export function arranged(book: RowBook, agentId: string): Record<ListName, Row[]> {
  const lists: Record<ListName, Row[]> = { mine: [], waiting: [], bot: [], watch: [], team: [], closed: [] }
  for (const row of book.values()) {
    lists[listOf(row, agentId)].push(row)
    if (isToBeWatched(row)) lists.watch.push(row)
  }
  // Who was set aside stands below those who are waiting for a word.
  lists.mine.sort((a, b) => Number(Boolean(a.snoozed_until)) - Number(Boolean(b.snoozed_until)) || byLatest(a, b))
  lists.waiting.sort(byLongestWait)
  lists.bot.sort(byLatest)
  lists.watch.sort(byLatest)
  lists.team.sort(byLatest)
  lists.closed.sort(byLatest)
  return lists
}

/** The row `step` places further down the list, stopping at its ends; the first one when none is open. */
export function neighbour(rows: readonly Row[], openId: string | null, step: 1 | -1): Row | null {
  const at = rows.findIndex((row) => row.id === openId)
  if (at < 0) return rows[0] ?? null
  return rows[Math.min(rows.length - 1, Math.max(0, at + step))] ?? null
}

/** What is known here first, then what only the desk knew, each conversation once. */
export function joined(here: readonly Row[], there: readonly Row[], limit = 30): Row[] {
  const known = new Set(here.map((row) => row.id))
  return [...here, ...there.filter((row) => !known.has(row.id))].slice(0, limit)
}

/** Rows whose customer, last words or intent hold what was typed, the latest first. */
export function found(book: RowBook, typed: string, limit = 30): Row[] {
  const wanted = typed.trim().toLowerCase()
  const rows = [...book.values()]
  const hits = wanted
    ? rows.filter((row) =>
        [row.customer.name, row.last_text, row.intent, row.id, row.agent?.name]
          .some((text) => text?.toLowerCase().includes(wanted)))
    : rows.filter((row) => row.holder !== 'nobody')
  return hits.sort(byLatest).slice(0, limit)
}
