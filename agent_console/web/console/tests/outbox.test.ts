import { describe, expect, it } from 'vitest'
import {
  acked, arrived, discarded, isPassing, kept, LONGEST_OUTBOX, lineLost, nextToSend, queued, refused, restored, retried, underWay,
  type Outbox,
} from '@/state/outbox'

const put = (outbox: Outbox, id: string, conversation = 'c1') =>
  queued(outbox, {
    conversation_id: conversation, client_msg_id: id, kind: 'message', body: { type: 'text', text: id }, at: '2026-01-05T08:00:00.000Z',
  })

describe('an outbox', () => {
  it('sends one message of a conversation at a time, in the order typed', () => {
    const outbox = put(put(put([], 'a'), 'b'), 'x', 'c2')

    expect(nextToSend(outbox).map((one) => one.client_msg_id)).toEqual(['a', 'x'])
    expect(nextToSend(underWay(outbox, 'a')).map((one) => one.client_msg_id)).toEqual(['x'])
    expect(nextToSend(acked(underWay(outbox, 'a'), 'a', 5)).map((one) => one.client_msg_id)).toEqual(['b', 'x'])
  })

  it('sends what was under way again, under the same id, when the line comes back', () => {
    const outbox = lineLost(underWay(put([], 'a'), 'a'))

    expect(nextToSend(outbox).map((one) => one.client_msg_id)).toEqual(['a'])
  })

  it('lets go of a message once its event is in the log, and not before', () => {
    const outbox = acked(underWay(put([], 'a'), 'a'), 'a', 5)

    expect(arrived(outbox, 'c1', new Set(), 4)).toBe(outbox)
    expect(arrived(outbox, 'c1', new Set(['a']), 5)).toEqual([])
    expect(arrived(outbox, 'c1', new Set(), 5)).toEqual([])
    expect(arrived(outbox, 'c2', new Set(['a']), 9)).toBe(outbox)
  })

  it('lets go of a message whose event came although its receipt was lost', () => {
    const outbox = underWay(put([], 'a'), 'a')

    expect(arrived(outbox, 'c1', new Set(['a']), 5)).toEqual([])
  })

  it('keeps a refused message with its reason until the agent retries or drops it', () => {
    const why = { code: 'not_holder', detail: '会话已由晓琳接待' }
    const failed = refused(underWay(put(put([], 'a'), 'b'), 'a'), 'a', why)

    expect(failed[0]).toMatchObject({ state: 'failed', why })
    expect(nextToSend(failed).map((one) => one.client_msg_id)).toEqual(['b'])
    expect(retried(failed, 'a')[0]).toMatchObject({ state: 'queued', client_msg_id: 'a' })
    expect(discarded(failed, 'a').map((one) => one.client_msg_id)).toEqual(['b'])
  })

  it('tells a refusal that passes by itself from one that needs a person', () => {
    expect(['storage_unavailable', 'too_many_requests', 'not_holder', 'bad_text'].map(isPassing)).toEqual([true, true, false, false])
  })

  it('survives a reload: what was not confirmed goes again', () => {
    const outbox = acked(underWay(put(underWay(put([], 'a'), 'a'), 'b'), 'b'), 'b', 9)

    const read = restored(kept(outbox))

    expect(read.map((one) => [one.client_msg_id, one.state])).toEqual([['a', 'queued']])
    expect(restored('not json')).toEqual([])
    expect(restored(null)).toEqual([])
  })

  it('takes the same id once and stays bounded', () => {
    let outbox = put(put([], 'a'), 'a')
    expect(outbox).toHaveLength(1)
    for (let at = 0; at < LONGEST_OUTBOX + 20; at += 1) outbox = put(outbox, `m${at}`)
    expect(outbox).toHaveLength(LONGEST_OUTBOX)
  })
})
