/** A customer's mood over the conversation, from 0 (at ease) to 1 (very upset), as words and as a curve. */

export type Mood = 'calm' | 'uneasy' | 'upset'

const UNEASY = 0.4
const UPSET = 0.7

export function moodOf(value: number | null | undefined): Mood | null {
  if (value === null || value === undefined) return null
  return value >= UPSET ? 'upset' : value >= UNEASY ? 'uneasy' : 'calm'
}

export interface CurvePoint {
  readonly x: number
  readonly y: number
  readonly seq: number
  readonly value: number
}

/** The curve's points inside a box; the more upset, the higher. */
export function curveOf(values: readonly { seq: number; value: number }[], width: number, height: number): CurvePoint[] {
  const pad = 4
  const step = values.length > 1 ? (width - 2 * pad) / (values.length - 1) : 0
  return values.map(({ seq, value }, at) => ({
    seq,
    value,
    x: Math.round((values.length > 1 ? pad + at * step : width / 2) * 10) / 10,
    y: Math.round((pad + (1 - Math.min(1, Math.max(0, value))) * (height - 2 * pad)) * 10) / 10,
  }))
}
