/** The part of a conversation's log that this screen holds: every `seq` above `from` up to `upto`, and nothing twice. */
import type { LogEvent } from "../protocol";

export interface Log {
  /** Events at or below this are on the server only. */
  from: number;
  /** Everything in (from, upto] is here; what lies beyond arrived ahead of a gap. */
  upto: number;
  /** Ascending by seq; hidden stubs included, because they prove that nothing is missing. */
  events: readonly LogEvent[];
}

export const emptyLog = (from: number): Log => ({ from, upto: from, events: [] });

/** Adds events in any order; those already held are ignored, so a second delivery does no harm. */
export function addEvents(log: Log, incoming: readonly LogEvent[]): Log {
  const held = new Set(log.events.map((event) => event.seq));
  const fresh = incoming.filter((event) => event.seq > log.from && !held.has(event.seq) && held.add(event.seq));
  if (!fresh.length) return log;
  const events = [...log.events, ...fresh].sort((a, b) => a.seq - b.seq);
  let upto = log.upto;
  while (held.has(upto + 1)) upto++;
  return { from: log.from, upto, events };
}

/** Extends the log downwards with a page that begins right after `after`. A page that leaves a hole is refused. */
export function addOlder(log: Log, after: number, page: readonly LogEvent[]): Log {
  const older = page.filter((event) => event.seq > after && event.seq <= log.from);
  if (after >= log.from || older.length !== log.from - after) return log;
  return addEvents({ ...log, from: after, upto: Math.max(log.upto, log.from) }, older);
}

export const hasGap = (log: Log, head: number): boolean =>
  head > log.upto || (log.events.at(-1)?.seq ?? 0) > log.upto;
