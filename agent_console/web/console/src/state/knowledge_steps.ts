/** What may be done with an entry in its present state, so that no button is shown that must fail. */
import type { Entry } from '@/protocol'

export type EntryStep = 'submit' | 'publish' | 'withdraw' | 'retire'

export function stepsFor(entry: Pick<Entry, 'state' | 'published_version'>): EntryStep[] {
  const isServed = entry.published_version !== null
  switch (entry.state) {
    case 'draft':
      return isServed ? ['submit', 'publish', 'retire'] : ['submit', 'publish']
    case 'in_review':
      return isServed ? ['withdraw', 'publish', 'retire'] : ['withdraw', 'publish']
    case 'published':
      return ['retire']
    case 'retired':
      return ['publish']
  }
}
