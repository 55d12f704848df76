/** How long someone has been waiting, and whether that is still all right. */
import type { Row } from '@/protocol'

export type WaitTone = 'calm' | 'soon' | 'late'
export interface Wait {
  readonly kind: 'queue' | 'reply'
  readonly seconds: number
  readonly tone: WaitTone
}

// Shops in China are measured on the first answer within 30 seconds and the average within two minutes.
const SOON_SECONDS = 30
const LATE_SECONDS = 120

export function toneOf(seconds: number): WaitTone {
  return seconds >= LATE_SECONDS ? 'late' : seconds >= SOON_SECONDS ? 'soon' : 'calm'
}

/** The wait a row shows: for a person to take it, or for an answer to the last words; null when nobody waits. */
export function waitOf(row: Row, now: number): Wait | null {
  const since = (time: string) => Math.max(0, Math.floor((now - Date.parse(time)) / 1000))
  if (row.holder === 'queue' && row.waiting_since) {
    const seconds = since(row.waiting_since)
    return { kind: 'queue', seconds, tone: toneOf(seconds) }
  }
  if (row.holder.startsWith('agent:') && row.last_author === 'customer' && row.last_at) {
    const seconds = since(row.last_at)
    return { kind: 'reply', seconds, tone: toneOf(seconds) }
  }
  return null
}

export interface Span {
  readonly unit: 'seconds' | 'minutes' | 'minutesSeconds' | 'hours' | 'days'
  readonly values: Record<string, number>
}

/** A length of time in the words a person would use: exact when short, rounded when long. */
export function spanOf(seconds: number): Span {
  if (seconds < 60) return { unit: 'seconds', values: { s: seconds } }
  if (seconds < 600) return { unit: 'minutesSeconds', values: { m: Math.floor(seconds / 60), s: seconds % 60 } }
  if (seconds < 3600) return { unit: 'minutes', values: { m: Math.floor(seconds / 60) } }
  if (seconds < 86_400) {
    return { unit: 'hours', values: { h: Math.floor(seconds / 3600), m: Math.floor((seconds % 3600) / 60) } }
  }
  return { unit: 'days', values: { d: Math.floor(seconds / 86_400) } }
}
