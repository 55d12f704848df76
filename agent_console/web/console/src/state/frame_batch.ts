/** Many arrivals, one change on screen: what comes between two frames is handed over together. */

export interface Batch<T> {
  add(item: T): void
  /** Hands over what is there now, without waiting for the frame. */
  flush(): void
}

export function batched<T>(apply: (items: T[]) => void, schedule: (run: () => void) => void): Batch<T> {
  let items: T[] = []
  let isScheduled = false
  const flush = () => {
    isScheduled = false
    if (!items.length) return
    const taken = items
    items = []
    apply(taken)
  }
  return {
    add(item) {
      items.push(item)
      if (isScheduled) return
      isScheduled = true
      schedule(flush)
    },
    flush,
  }
}
