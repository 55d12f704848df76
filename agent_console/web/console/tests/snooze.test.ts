import { describe, expect, it } from 'vitest'
import { isWithin, snoozeChoices } from '@/state/snooze'
import { snoozedUntil } from '@/state/thread'
import { event } from './factories'

describe('setting a customer aside', () => {
  it('offers this evening only while it is some way off', () => {
    const noon = snoozeChoices(new Date(2026, 0, 5, 12, 0))
    const late = snoozeChoices(new Date(2026, 0, 5, 17, 30))

    expect(noon.map((one) => one.key)).toContain('evening')
    expect(late.map((one) => one.key)).not.toContain('evening')
    expect(noon.find((one) => one.key === 'tomorrow')!.at).toEqual(new Date(2026, 0, 6, 9, 0))
  })

  it('takes no time that is past and none that is more than seven days away', () => {
    const now = new Date(2026, 0, 5, 12, 0)

    expect(isWithin(new Date(2026, 0, 5, 11, 59), now, 7)).toBe(false)
    expect(isWithin(new Date(2026, 0, 12, 12, 0), now, 7)).toBe(true)
    expect(isWithin(new Date(2026, 0, 12, 12, 1), now, 7)).toBe(false)
  })

  it('shows in the log until the customer writes or the time has come', () => {
    const aside = event(1, 'snoozed', { until: '2026-01-05T10:00:00.000Z' })

    expect(snoozedUntil([aside])).toBe('2026-01-05T10:00:00.000Z')
    expect(snoozedUntil([aside, event(2, 'woken', {})])).toBeNull()
  })
})
