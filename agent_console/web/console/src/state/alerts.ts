/** What should not go on like this: customers whose service standard is soon or already broken, the worst first. */
import type { Row, ServiceClock } from '@/protocol'
import { isHeldBy } from './rows'

export interface StandardAlert {
  readonly row: Row
  readonly clock: ServiceClock
  readonly state: 'warning' | 'breach'
}

/** An agent hears of his own customers and of those who wait for his groups; who leads hears of everybody's. */
export function alertsOf(rows: Iterable<Row>, me: { id: string; groups: readonly string[] }, leads: boolean): StandardAlert[] {
  const found: StandardAlert[] = []
  for (const row of rows) {
    if (!row.alert) continue
    const waitsForMe = row.holder === 'queue' && row.group !== null && me.groups.includes(row.group)
    if (!leads && !waitsForMe && !isHeldBy(row.holder, me.id)) continue
    found.push({ row, clock: row.alert.clock, state: row.alert.state })
  }
  const weight = (alert: StandardAlert) => (alert.state === 'breach' ? 0 : 1)
  return found.sort((a, b) => weight(a) - weight(b) || ((a.row.last_at ?? '') < (b.row.last_at ?? '') ? -1 : 1))
}
