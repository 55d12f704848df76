/** When someone who looks at another window should hear about a conversation. */
import type { Row } from '@/protocol'
import { isHeldBy } from './rows'

export interface Notice {
  readonly conversationId: string
  readonly kind: 'new_message' | 'new_waiting' | 'given_to_you'
  readonly customer: string
}

/** What changed between two versions of a row that its agent, or a free one, would want to know; null for everything else. */
export function noticeOf(before: Row | undefined, after: Row, agentId: string): Notice | null {
  const about = (kind: Notice['kind']): Notice => ({ conversationId: after.id, kind, customer: after.customer.name ?? '' })
  if (isHeldBy(after.holder, agentId)) {
    if (before && !isHeldBy(before.holder, agentId)) return about('given_to_you')
    const isNew = !before || after.head_seq > before.head_seq
    return isNew && after.last_author === 'customer' && after.unread > 0 ? about('new_message') : null
  }
  return after.holder === 'queue' && before?.holder !== 'queue' ? about('new_waiting') : null
}
