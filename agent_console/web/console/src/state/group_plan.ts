/** How a group is run, as a form: texts a person types, turned into the desk's plan and back. */
import type { GroupPlan, ServiceClock, Span } from '@/protocol'

export const WEEKDAYS = ['1', '2', '3', '4', '5', '6', '7'] as const
export const CLOCKS: readonly ServiceClock[] = ['first_response', 'next_response', 'resolution']
export const LEVELS = ['default', 'silver', 'gold', 'diamond'] as const
export type Level = (typeof LEVELS)[number]
/** What the desk counts with where a plan names nothing, in seconds. */
export const USUAL: Record<ServiceClock, number> = { first_response: 180, next_response: 300, resolution: 86_400 }

export interface SpanText {
  from: string
  to: string
}
export interface HolidayForm {
  day: string
  /** Closed all day when empty. */
  spans: SpanText[]
}
export interface PlanForm {
  name: string
  isAlwaysOpen: boolean
  week: Record<string, SpanText[]>
  holidays: HolidayForm[]
  overflowTo: string
  overflowMinutes: string
  queueLimit: string
  isAutomatic: boolean
  languages: string
  /** Minutes as typed; empty is the usual. */
  standards: Record<ServiceClock, Record<Level, string>>
}
/** Codes as typed, apart by commas of either width or spaces. */
const languagesOf = (form: PlanForm) => [...new Set(form.languages.toLowerCase().split(/[\s,，、;；]+/).filter(Boolean))]
export type Fault = 'name_missing' | 'span_bad' | 'spans_cross' | 'holiday_bad' | 'holiday_twice' | 'number_bad' | 'language_bad'

const USUAL_DAY: SpanText = { from: '09:00', to: '21:00' }
const CLOCK = /^(?:[01]\d|2[0-3]):[0-5]\d$/
const MIDNIGHT = '24:00'

const typed = ([from, to]: Span): SpanText => ({ from, to })
const minutes = (seconds: number | undefined) => (seconds === undefined ? '' : String(Math.round((seconds / 60) * 100) / 100))

export function formOf(plan: GroupPlan): PlanForm {
  const standards = {} as PlanForm['standards']
  for (const clock of CLOCKS) {
    const own = plan.standards?.[clock] ?? {}
    standards[clock] = Object.fromEntries(LEVELS.map((level) => [level, minutes(own[level])])) as Record<Level, string>
  }
  return {
    name: plan.name,
    isAlwaysOpen: plan.hours === null,
    week: Object.fromEntries(WEEKDAYS.map((day) => [day, (plan.hours === null ? [[USUAL_DAY.from, USUAL_DAY.to] as Span] : plan.hours[day] ?? []).map(typed)])),
    holidays: Object.entries(plan.holidays ?? {}).sort(([a], [b]) => (a < b ? -1 : 1)).map(([day, spans]) => ({ day, spans: spans.map(typed) })),
    overflowTo: plan.overflow_to ?? '',
    overflowMinutes: plan.overflow_seconds === null ? '' : minutes(plan.overflow_seconds),
    queueLimit: plan.queue_limit === null ? '' : String(plan.queue_limit),
    isAutomatic: plan.assignment === 'automatic',
    languages: (plan.languages ?? []).join(', '),
    standards,
  }
}

/** Accepts 9:00, 0900 and full-width colons, because people type them. */
export function tidyClock(text: string): string {
  const digits = /^(\d{1,2})[:：]?(\d{2})$/.exec(text.trim())
  return digits ? `${digits[1]!.padStart(2, '0')}:${digits[2]}` : text.trim()
}

function isSpan({ from, to }: SpanText): boolean {
  return CLOCK.test(from) && (CLOCK.test(to) || to === MIDNIGHT) && from < to
}
function doCross(spans: readonly SpanText[]): boolean {
  const sorted = [...spans].sort((a, b) => (a.from < b.from ? -1 : 1))
  return sorted.some((span, at) => at > 0 && span.from < sorted[at - 1]!.to)
}
const isNumber = (text: string) => text.trim() === '' || (Number.isFinite(Number(text)) && Number(text) > 0)

export function faultsOf(form: PlanForm): Fault[] {
  const faults = new Set<Fault>()
  if (!form.name.trim()) faults.add('name_missing')
  const days = [...(form.isAlwaysOpen ? [] : Object.values(form.week)), ...form.holidays.map((one) => one.spans)]
  for (const spans of days) {
    if (!spans.every(isSpan)) faults.add('span_bad')
    else if (doCross(spans)) faults.add('spans_cross')
  }
  if (form.holidays.some((one) => !/^\d{4}-\d{2}-\d{2}$/.test(one.day))) faults.add('holiday_bad')
  if (new Set(form.holidays.map((one) => one.day)).size < form.holidays.length) faults.add('holiday_twice')
  const numbers = [form.overflowMinutes, form.queueLimit, ...CLOCKS.flatMap((clock) => Object.values(form.standards[clock]))]
  if (!numbers.every(isNumber)) faults.add('number_bad')
  if (!languagesOf(form).every((code) => /^[a-z]{2,3}(-[a-z0-9]{2,4})?$/.test(code))) faults.add('language_bad')
  return [...faults]
}

/** The plan to store; only what has no fault may come here. */
export function planOf(form: PlanForm): GroupPlan {
  const spans = (list: readonly SpanText[]): Span[] => [...list].sort((a, b) => (a.from < b.from ? -1 : 1)).map(({ from, to }) => [from, to])
  const seconds = (text: string) => Math.max(1, Math.round(Number(text) * 60))
  const standards: NonNullable<GroupPlan['standards']> = {}
  for (const clock of CLOCKS) {
    const named = LEVELS.filter((level) => form.standards[clock][level].trim() !== '')
    if (named.length) standards[clock] = Object.fromEntries(named.map((level) => [level, seconds(form.standards[clock][level])]))
  }
  return {
    name: form.name.trim(),
    hours: form.isAlwaysOpen ? null : Object.fromEntries(WEEKDAYS.map((day) => [day, spans(form.week[day] ?? [])])),
    holidays: Object.fromEntries(form.holidays.map((one) => [one.day, spans(one.spans)])),
    overflow_to: form.overflowTo || null,
    overflow_seconds: form.overflowMinutes.trim() === '' ? null : seconds(form.overflowMinutes),
    queue_limit: form.queueLimit.trim() === '' ? null : Math.round(Number(form.queueLimit)),
    standards: Object.keys(standards).length ? standards : null,
    assignment: form.isAutomatic ? 'automatic' : 'manual',
    languages: languagesOf(form),
  }
}
