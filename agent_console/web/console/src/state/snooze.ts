/** The times at which someone would want a customer back on the desk. */

export interface SnoozeChoice {
  readonly key: 'minutes10' | 'minutes30' | 'hour' | 'hours3' | 'evening' | 'tomorrow'
  readonly at: Date
}

const MINUTE = 60_000
const EVENING_HOUR = 18
const MORNING_HOUR = 9
/** The desk sets nobody aside for longer, and promises nothing for later. */
export const LONGEST_SNOOZE_DAYS = 7
export const LONGEST_PROMISE_DAYS = 30

function atHour(now: Date, hour: number, daysOn = 0): Date {
  return new Date(now.getFullYear(), now.getMonth(), now.getDate() + daysOn, hour)
}

/** The usual choices; this evening only while it is still some way off. */
export function snoozeChoices(now: Date): SnoozeChoice[] {
  const evening = atHour(now, EVENING_HOUR)
  const all: SnoozeChoice[] = [
    { key: 'minutes10', at: new Date(now.getTime() + 10 * MINUTE) },
    { key: 'minutes30', at: new Date(now.getTime() + 30 * MINUTE) },
    { key: 'hour', at: new Date(now.getTime() + 60 * MINUTE) },
    { key: 'hours3', at: new Date(now.getTime() + 180 * MINUTE) },
    { key: 'evening', at: evening },
    { key: 'tomorrow', at: atHour(now, MORNING_HOUR, 1) },
  ]
  return all.filter((choice) => choice.key !== 'evening' || evening.getTime() - now.getTime() > 60 * MINUTE)
}

export function isWithin(at: Date, now: Date, days: number): boolean {
  const ms = at.getTime() - now.getTime()
  return ms > 0 && ms <= days * 86_400_000
}
