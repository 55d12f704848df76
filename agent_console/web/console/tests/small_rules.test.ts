import { describe, expect, it } from 'vitest'
import { delayBefore } from '@/state/backoff'
import { curveOf, moodOf } from '@/state/emotion'
import { changedFields, merged, pieces } from '@/state/entry_diff'
import { draftOf, emptyDraft, faultsOf, withPhrasings } from '@/state/entry_form'
import { batched } from '@/state/frame_batch'
import { readingOf } from '@/state/reading'
import { spanOf, waitOf } from '@/state/waiting'
import { MOST_WATCHED, withOpened } from '@/state/watching'
import { entry, row } from './factories'

describe('waiting', () => {
  const at = Date.parse('2026-01-05T08:00:00.000Z')

  it('is measured in the queue and for an answer, and nowhere else', () => {
    expect(waitOf(row('a'), at + 10_000)).toEqual({ kind: 'queue', seconds: 10, tone: 'calm' })
    expect(waitOf(row('a', { holder: 'agent:me' }), at + 45_000)).toEqual({ kind: 'reply', seconds: 45, tone: 'soon' })
    expect(waitOf(row('a', { holder: 'agent:me', last_author: 'agent' }), at + 45_000)).toBeNull()
    expect(waitOf(row('a', { holder: 'bot' }), at + 45_000)).toBeNull()
  })

  it('turns late after two minutes and is never negative when clocks differ', () => {
    expect(waitOf(row('a'), at + 120_000)?.tone).toBe('late')
    expect(waitOf(row('a'), at - 5_000)?.seconds).toBe(0)
  })

  it('is told exactly while short and roughly when long', () => {
    expect(spanOf(42)).toEqual({ unit: 'seconds', values: { s: 42 } })
    expect(spanOf(130)).toEqual({ unit: 'minutesSeconds', values: { m: 2, s: 10 } })
    expect(spanOf(1500)).toEqual({ unit: 'minutes', values: { m: 25 } })
    expect(spanOf(3700)).toEqual({ unit: 'hours', values: { h: 1, m: 1 } })
    expect(spanOf(200_000)).toEqual({ unit: 'days', values: { d: 2 } })
  })
})

describe('a reconnect', () => {
  it('waits longer each time, within bounds, and never in step', () => {
    expect(delayBefore(0, 0)).toBe(250)
    expect(delayBefore(0, 1)).toBe(500)
    expect(delayBefore(3, 0)).toBe(2000)
    expect(delayBefore(50, 1)).toBe(15_000)
  })
})

describe('a frame batch', () => {
  it('hands over everything of one frame in one go', () => {
    const runs: (() => void)[] = []
    const got: number[][] = []
    const batch = batched<number>((items) => got.push(items), (run) => runs.push(run))

    batch.add(1)
    batch.add(2)
    expect(runs).toHaveLength(1)
    runs[0]!()
    batch.add(3)
    batch.flush()
    runs[1]!()

    expect(got).toEqual([[1, 2], [3]])
  })
})

describe('watching', () => {
  it('drops the conversation opened longest ago when there are too many', () => {
    let watched: string[] = []
    for (let at = 0; at < MOST_WATCHED; at += 1) watched = withOpened(watched, `c${at}`).watched

    const { watched: next, dropped } = withOpened(withOpened(watched, 'c0').watched, 'new')

    expect(next).toHaveLength(MOST_WATCHED)
    expect(dropped).toEqual(['c1'])
  })
})

describe('mood', () => {
  it('has words and a curve that rises with anger', () => {
    expect([moodOf(null), moodOf(0.1), moodOf(0.5), moodOf(0.9)]).toEqual([null, 'calm', 'uneasy', 'upset'])
    const [first, last] = curveOf([{ seq: 1, value: 0 }, { seq: 4, value: 1 }], 100, 40)
    expect(first!.y).toBeGreaterThan(last!.y)
    expect(curveOf([{ seq: 1, value: 0.5 }], 100, 40)[0]).toMatchObject({ x: 50, y: 20 })
  })
})

describe('an entry', () => {
  it('names exactly the fields that changed', () => {
    const before = entry()
    expect(changedFields(before, { ...before, answer: '由商家承担。', keywords: ['运费'] })).toEqual(['answer', 'keywords'])
    expect(changedFields(before, { ...before, html: before.html! })).toEqual([])
  })

  it('shows a change down to the characters', () => {
    expect(pieces('七天内可退', '十五天内可退')).toEqual([
      { text: '七', change: 'removed' },
      { text: '十五', change: 'added' },
      { text: '天内可退', change: 'same' },
    ])
  })

  it('is merged field by field after someone else saved first', () => {
    const mine = { ...draftOf(entry()), answer: '我的答案', category: '我的分类' }
    const theirs = { ...draftOf(entry()), answer: '对方答案', category: '对方分类' }

    const both = merged(mine, theirs, new Set(['answer']))

    expect(both).toMatchObject({ answer: '我的答案', category: '对方分类' })
  })

  it('says what is missing before it is saved', () => {
    expect(faultsOf(emptyDraft())).toEqual(['question_missing', 'answer_missing', 'category_missing'])
    expect(faultsOf(draftOf(entry()))).toEqual([])
    expect(faultsOf({ ...draftOf(entry()), valid_from: '2026-02-01', valid_to: '2026-01-01' })).toEqual(['validity_backwards'])
  })

  it('takes pasted phrasings one a line, without doubles', () => {
    expect(withPhrasings(['邮费谁付'], ' 运费谁出 \n邮费谁付\n\n退货运费\n退货运费', '退货运费谁出')).toEqual(['邮费谁付', '运费谁出', '退货运费'])
  })
})

describe('how a question was read', () => {
  it('is told where words were left aside or put right', () => {
    expect(readingOf('昨天买的耳机，怎么退货', '怎么退货')).toBe('怎么退货')
    expect(readingOf('退货云费谁出', '退货运费谁出')).toBe('退货运费谁出')
  })

  it('is not told where only signs and capitals differ, or nothing was read', () => {
    expect(readingOf('ｉＰｈｏｎｅ 怎么退？？', 'iphone 怎么退')).toBeNull()
    expect(readingOf('怎么退货', '')).toBeNull()
    expect(readingOf('怎么退货')).toBeNull()
  })
})
