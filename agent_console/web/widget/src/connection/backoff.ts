/** How long to wait before the next attempt to connect. */

const FIRST_MS = 500;
const LONGEST_MS = 20_000;

/** Doubles per attempt; half of it is chance, so that a thousand customers do not come back in the same instant. */
export function backoffMs(attempt: number, random: number): number {
  const full = Math.min(LONGEST_MS, FIRST_MS * 2 ** Math.min(attempt, 10));
  return full / 2 + (full / 2) * random;
}
