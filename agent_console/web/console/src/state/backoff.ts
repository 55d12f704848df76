/** How long to wait before trying to connect again: longer each time, never in step with the others, never too long. */

const FIRST_MS = 500
const LONGEST_MS = 15_000

/** Between half and all of the doubled wait, so that a restarted desk is not met by everyone at once. */
export function delayBefore(attempt: number, random: number): number {
  const full = Math.min(LONGEST_MS, FIRST_MS * 2 ** Math.min(attempt, 10))
  return Math.round(full / 2 + (full / 2) * random)
}
