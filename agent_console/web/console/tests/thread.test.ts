import { describe, expect, it } from 'vitest'
import { queued, acked } from '@/state/outbox'
import { lastCustomerSeq, latestQuestion, mayRecall, openPromises, threadOf, transferToAnswer } from '@/state/thread'
import { event, said } from './factories'

describe('a transcript', () => {
  it('turns a local echo into the real message in place, under the same key', () => {
    const mine = { conversation_id: 'c1', client_msg_id: 'm1', kind: 'message' as const, body: { type: 'text' as const, text: '您好' }, at: said(2).at }
    const outbox = acked(queued([], mine), 'm1', 2)
    const before = threadOf([said(1)], outbox)

    const after = threadOf([said(1), said(2, '您好', { client_msg_id: 'm1' }, 'agent')], outbox)

    expect(before.at(-1)).toMatchObject({ kind: 'outgoing', key: 'm1' })
    expect(after.at(-1)).toMatchObject({ kind: 'message', key: 'm1' })
    expect(after.map((item) => item.key)).toEqual(before.map((item) => item.key))
  })

  it('hangs understanding, feedback and recall on the message they are about', () => {
    const items = threadOf(
      [
        said(1),
        event(2, 'understood', {
          turn_id: 't', of_seq: 1, intent: 'ask_logistics', confidence: 0.9, ranking: [], entities: [], slots: {}, triggers: [], request: null,
        }),
        said(3, '答', {}, 'bot'),
        event(4, 'feedback', { seq: 3, entry_id: 'k1', helpful: false }),
        event(5, 'recalled', { seq: 3 }),
      ],
      [],
    )

    expect(items.map((item) => item.kind)).toEqual(['day', 'message', 'message'])
    expect(items[1]).toMatchObject({ understood: { intent: 'ask_logistics' }, recalled: false })
    expect(items[2]).toMatchObject({ helpful: false, recalled: true })
  })

  it('starts a new day with a separator and names the author again', () => {
    const items = threadOf([said(1), said(2), said(3, '第二天', { at: '2026-01-07T08:00:00.000Z' })], [])

    expect(items.map((item) => item.kind)).toEqual(['day', 'message', 'message', 'day', 'message'])
    expect(items.map((item) => item.kind === 'message' && item.follows)).toEqual([false, false, true, false, false])
  })

  it('never shows what is hidden', () => {
    expect(threadOf([{ ...said(1), kind: 'hidden', body: {} }], [])).toEqual([])
  })

  it('knows the customer’s last question and its number', () => {
    const events = [said(1, '在吗'), said(2, '运费谁出'), said(3, '您好', {}, 'bot')]

    expect(latestQuestion(events)).toBe('运费谁出')
    expect(lastCustomerSeq(events)).toBe(2)
    expect(latestQuestion([])).toBe('')
  })

  it('looks past thanks and the wish for a person to what the customer wants to know', () => {
    const wantsPerson = event(3, 'understood', {
      turn_id: 't', of_seq: 2, intent: 'ask_person', confidence: 1, ranking: [], entities: [], slots: {}, triggers: [], request: null,
    })

    expect(latestQuestion([said(1, '运费谁出'), said(2, '找个真人来说'), wantsPerson, said(4, '好的，谢谢您')])).toBe('运费谁出')
    expect(latestQuestion([said(1, '你好'), said(2, '转人工')])).toBe('')
  })

  it('knows which promises stand, and whose they are now', () => {
    const made = (seq: number, promise_id: string) => event(seq, 'promise_made', { promise_id, text: '回电', due_at: '2026-01-05T10:00:00.000Z', owner: 'agent:a1' })
    const gone = { promise_id: 'p1', text: '回电', due_at: null, owner: null }

    expect(openPromises([made(1, 'p1'), made(2, 'p2')])).toHaveLength(2)
    expect(openPromises([made(1, 'p1'), event(2, 'promise_kept', gone)])).toEqual([])
    expect(openPromises([made(1, 'p1'), event(2, 'promise_withdrawn', gone)])).toEqual([])
    expect(openPromises([made(1, 'p1'), event(2, 'promise_passed_on', { ...gone, owner: 'agent:a2' })])[0]?.owner).toBe('agent:a2')
  })

  it('lets an agent send back what was passed to him until he has answered', () => {
    const passed = event(1, 'transferred', { sentence: '', staff: { from: 'a1', to: { agent_id: 'me' }, note: '看下' } })
    const sentBack = event(1, 'transferred', { sentence: '', staff: { from: 'a1', to: { agent_id: 'me' }, note: '', why: 'declined' } })
    const answered = said(2, '您好', { author: { role: 'agent', id: 'me' } }, 'agent')

    expect(transferToAnswer([passed, said(2)], 'me')).toBe(passed)
    expect(transferToAnswer([passed, answered], 'me')).toBeNull()
    expect(transferToAnswer([passed], 'other')).toBeNull()
    expect(transferToAnswer([sentBack], 'me')).toBeNull()
    expect(transferToAnswer([passed, event(2, 'claimed', { agent: { id: 'me', name: '我' }, sentence: '' })], 'me')).toBeNull()
  })

  it('lets an agent recall only his own words and only for two minutes', () => {
    const mine = said(1, '发错了', { author: { role: 'agent', id: 'me' } })
    const at = Date.parse(mine.at)

    expect(mayRecall(mine, 'me', at + 119_000)).toBe(true)
    expect(mayRecall(mine, 'me', at + 121_000)).toBe(false)
    expect(mayRecall(mine, 'other', at)).toBe(false)
    expect(mayRecall(said(2), 'customer-1', at)).toBe(false)
  })
})
