/** What should not go on like this: customers whose service standard is soon or already broken, the worst first. */
import type { Row, ServiceClock } from '@/protocol'
import { isHeldBy } from './rows'

export interface StandardAlert {
  readonly row: Row
  readonly clock: ServiceClock
  readonly state: 'warning' | 'breach'
}

/** An agent hears of his own customers and of the queue; who leads hears of everybody's. */
export function alertsOf(rows: Iterable<Row>, agentId: string, leads: boolean): StandardAlert[] {
  const found: StandardAlert[] = []
  for (const row of rows) {
    if (!row.alert || (!leads && row.holder !== 'queue' && !isHeldBy(row.holder, agentId))) continue
    found.push({ row, clock: row.alert.clock, state: row.alert.state })
  }
  const weight = (alert: StandardAlert) => (alert.state === 'breach' ? 0 : 1)
  return found.sort((a, b) => weight(a) - weight(b) || ((a.row.last_at ?? '') < (b.row.last_at ?? '') ? -1 : 1))
}
