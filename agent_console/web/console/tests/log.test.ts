import { describe, expect, it } from 'vitest'
import { askAgainAfter, emptyLog, hasEarlier, withEarlier, withEvents } from '@/state/log'
import { said } from './factories'

const seqs = (events: readonly { seq: number }[]) => events.map((event) => event.seq)

describe('a conversation log', () => {
  it('holds an event once however often it arrives', () => {
    const log = withEvents(emptyLog(), [said(1), said(2)])

    const again = withEvents(log, [said(2), said(1), said(2)])

    expect(again).toBe(log)
    expect(seqs(again.events)).toEqual([1, 2])
  })

  it('keeps events that came too early until the missing one arrives', () => {
    const holed = withEvents(emptyLog(), [said(1), said(4), said(3)])

    expect(seqs(holed.events)).toEqual([1])
    expect(askAgainAfter(holed)).toBe(1)

    const whole = withEvents(holed, [said(2)])

    expect(seqs(whole.events)).toEqual([1, 2, 3, 4])
    expect(whole.ahead).toEqual([])
    expect(askAgainAfter(whole)).toBeNull()
  })

  it('asks again when a heartbeat knows more than it holds', () => {
    const log = withEvents(emptyLog(), [said(1)])

    expect(askAgainAfter(log, 1)).toBeNull()
    expect(askAgainAfter(log, 3)).toBe(1)
  })

  it('joins an earlier page to its front, and refuses one that would leave a hole', () => {
    const log = withEvents(emptyLog(10), [said(11), said(12)])

    const joined = withEarlier(log, [said(10), said(9), said(11)])

    expect(seqs(joined.events)).toEqual([9, 10, 11, 12])
    expect(joined.firstSeq).toBe(9)
    expect(hasEarlier(joined)).toBe(true)
    expect(withEarlier(log, [said(7), said(8)])).toBe(log)
  })

  it('comes out the same whatever the order and however many copies', () => {
    const all = Array.from({ length: 40 }, (_, at) => said(at + 1))
    let state = 7
    const random = () => (state = (state * 48271) % 2147483647) / 2147483647
    const shuffled = [...all, ...all].sort(() => random() - 0.5)

    let log = emptyLog()
    for (let at = 0; at < shuffled.length; at += 3) log = withEvents(log, shuffled.slice(at, at + 3))

    expect(seqs(log.events)).toEqual(seqs(all))
  })
})
