/** How times, amounts, names and errors are worded for the person at the screen. */
import { useI18n } from 'vue-i18n'
import { Refused, Unreachable } from '@/trouble'
import { spanOf } from '@/state/waiting'

export function useWords() {
  const { t, te, locale } = useI18n()

  /** The translated word for a code, or the code itself when a newer desk knows one that we do not. */
  function named(place: string, code: string | null | undefined): string {
    if (!code) return ''
    return te(`${place}.${code}`) ? t(`${place}.${code}`) : code
  }

  const clock = (at: string) =>
    new Date(at).toLocaleTimeString(locale.value, { hour: '2-digit', minute: '2-digit', hour12: false })

  function day(at: string): string {
    const then = new Date(at)
    const today = new Date()
    const days = Math.round((new Date(today.toDateString()).getTime() - new Date(then.toDateString()).getTime()) / 86_400_000)
    if (days === 0) return t('day.today')
    if (days === 1) return t('day.yesterday')
    const sameYear = then.getFullYear() === today.getFullYear()
    return then.toLocaleDateString(locale.value, { month: 'long', day: 'numeric', ...(sameYear ? {} : { year: 'numeric' }) })
  }

  /** Short enough for a list: the time today, the date before that. */
  function moment(at: string | null | undefined): string {
    if (!at) return ''
    const then = new Date(at)
    const today = new Date()
    if (then.toDateString() === today.toDateString()) return clock(at)
    const sameYear = then.getFullYear() === today.getFullYear()
    return then.toLocaleDateString(locale.value, sameYear ? { month: '2-digit', day: '2-digit' } : { year: 'numeric', month: '2-digit', day: '2-digit' })
  }

  const stamp = (at: string | null | undefined) =>
    at ? new Date(at).toLocaleString(locale.value, { month: '2-digit', day: '2-digit', hour: '2-digit', minute: '2-digit', hour12: false }) : ''

  const date = (at: string | null | undefined) =>
    at ? new Date(at).toLocaleDateString(locale.value, { year: 'numeric', month: '2-digit', day: '2-digit' }) : ''

  function span(seconds: number): string {
    const { unit, values } = spanOf(seconds)
    return t(`span.${unit}`, values)
  }

  const percent = (value: number | null | undefined) => (value === null || value === undefined ? '–' : `${Math.round(value * 100)}%`)

  const money = (amount: number | string | null | undefined) => {
    const value = Number(amount)
    return amount === null || amount === undefined || Number.isNaN(value)
      ? ''
      : new Intl.NumberFormat(locale.value, { style: 'currency', currency: 'CNY', minimumFractionDigits: 2 }).format(value)
  }

  const customerName = (customer: { name: string | null; guest?: boolean } | null | undefined) =>
    customer?.name || (customer?.guest ? t('common.guest') : t('common.unnamed'))

  /** The desk's own sentence when it is in the reader's language, otherwise ours for that code. */
  function explain(error: unknown): string {
    if (error instanceof Unreachable) return t('errors.unreachable')
    if (!(error instanceof Refused)) return t('errors.other')
    return refusal(error.code, error.problem.detail)
  }

  function refusal(code: string, detail: string): string {
    if (locale.value === 'zh-CN' && /[\u4e00-\u9fff]/.test(detail)) return detail
    return te(`errors.${code}`) ? t(`errors.${code}`) : detail || t('errors.other')
  }

  return { t, te, locale, named, clock, day, moment, stamp, date, span, percent, money, customerName, explain, refusal }
}
