import { describe, expect, it } from 'vitest'
import { noticeOf } from '@/state/notice'
import { stepsFor } from '@/state/knowledge_steps'
import { row } from './factories'

describe('a notice', () => {
  const mine = row('a', { holder: 'agent:me', head_seq: 5, unread: 0 })

  it('is given for a customer’s new words to his own agent', () => {
    const after = { ...mine, head_seq: 6, unread: 1, last_author: 'customer' as const }

    expect(noticeOf(mine, after, 'me')?.kind).toBe('new_message')
    expect(noticeOf(after, { ...after, revision: 9 }, 'me')).toBeNull()
    expect(noticeOf({ ...mine, holder: 'agent:other' }, { ...after, holder: 'agent:other' }, 'me')).toBeNull()
  })

  it('is given when a conversation comes into the queue or into one’s hands, once', () => {
    const waiting = row('a')

    expect(noticeOf(undefined, waiting, 'me')?.kind).toBe('new_waiting')
    expect(noticeOf(waiting, { ...waiting, revision: 2 }, 'me')).toBeNull()
    expect(noticeOf(waiting, mine, 'me')?.kind).toBe('given_to_you')
  })

  it('is not given for one’s own answer or the bot’s', () => {
    expect(noticeOf(mine, { ...mine, head_seq: 6, last_author: 'agent' }, 'me')).toBeNull()
    expect(noticeOf(row('a', { holder: 'bot' }), row('a', { holder: 'bot', head_seq: 9 }), 'me')).toBeNull()
  })
})

describe('an entry’s next steps', () => {
  it('are only those that can succeed', () => {
    expect(stepsFor({ state: 'draft', published_version: null })).toEqual(['submit', 'publish'])
    expect(stepsFor({ state: 'draft', published_version: 3 })).toEqual(['submit', 'publish', 'retire'])
    expect(stepsFor({ state: 'published', published_version: 3 })).toEqual(['retire'])
    expect(stepsFor({ state: 'retired', published_version: null })).toEqual(['publish'])
  })
})
