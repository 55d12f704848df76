/** Which conversations this browser follows live: the ones opened most recently, as many as the desk allows. */

/** The desk allows 50 per socket; a few stay free for a second hand-over before the oldest is dropped. */
export const MOST_WATCHED = 40

/** The list with `id` as the newest, and whoever falls off its end. */
export function withOpened(watched: readonly string[], id: string): { watched: string[]; dropped: string[] } {
  const next = [id, ...watched.filter((one) => one !== id)]
  return { watched: next.slice(0, MOST_WATCHED), dropped: next.slice(MOST_WATCHED) }
}
