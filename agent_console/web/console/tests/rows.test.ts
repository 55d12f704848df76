import { describe, expect, it } from 'vitest'
import { arranged, found, joined, listOf, neighbour, withRows } from '@/state/rows'
import { row } from './factories'

describe('the conversation lists', () => {
  it('drop a row that is older than the one held', () => {
    const book = withRows(new Map(), [row('a', { revision: 5, holder: 'agent:me' })])

    const after = withRows(book, [row('a', { revision: 4, holder: 'queue' })])

    expect(after).toBe(book)
    expect(after.get('a')?.holder).toBe('agent:me')
  })

  it('end up the same in whatever order the rows arrive', () => {
    const versions = [1, 2, 3].map((revision) => row('a', { revision, last_text: `版本${revision}` }))

    const forwards = withRows(new Map(), versions)
    const backwards = withRows(new Map(), [...versions].reverse())

    expect(forwards.get('a')).toEqual(backwards.get('a'))
  })

  it('sort every conversation to where its holder puts it', () => {
    expect(listOf(row('a', { holder: 'agent:me' }), 'me')).toBe('mine')
    expect(listOf(row('a', { holder: 'agent:other' }), 'me')).toBe('team')
    expect(listOf(row('a', { holder: 'queue' }), 'me')).toBe('waiting')
    expect(listOf(row('a', { holder: 'bot' }), 'me')).toBe('bot')
    expect(listOf(row('a', { holder: 'nobody' }), 'me')).toBe('closed')
  })

  it('show what the bot is unsure of both with the bot and as to be watched', () => {
    const book = withRows(new Map(), [
      row('sure', { holder: 'bot', reason: null }),
      row('unsure', { holder: 'bot', reason: 'low_confidence' }),
      row('handed', { holder: 'queue', reason: 'user_asked' }),
    ])

    const lists = arranged(book, 'me')

    expect(lists.bot.map((one) => one.id).sort()).toEqual(['sure', 'unsure'])
    expect(lists.watch.map((one) => one.id)).toEqual(['unsure'])
  })

  it('put the longest wait first in the queue and the latest word first elsewhere', () => {
    const book = withRows(new Map(), [
      row('young', { waiting_since: '2026-01-05T08:05:00.000Z' }),
      row('old', { waiting_since: '2026-01-05T08:01:00.000Z' }),
      row('quiet', { holder: 'agent:me', last_at: '2026-01-05T08:00:00.000Z' }),
      row('lively', { holder: 'agent:me', last_at: '2026-01-05T08:09:00.000Z' }),
    ])

    const lists = arranged(book, 'me')

    expect(lists.waiting.map((one) => one.id)).toEqual(['old', 'young'])
    expect(lists.mine.map((one) => one.id)).toEqual(['lively', 'quiet'])
  })

  it('put those who were set aside below the others', () => {
    const book = withRows(new Map(), [
      row('aside', { holder: 'agent:me', snoozed_until: '2026-01-05T10:00:00.000Z', last_at: '2026-01-05T08:09:00.000Z' }),
      row('here', { holder: 'agent:me', last_at: '2026-01-05T08:00:00.000Z' }),
    ])

    expect(arranged(book, 'me').mine.map((one) => one.id)).toEqual(['here', 'aside'])
  })

  it('arrange five thousand rows well within a frame or two', () => {
    const book = withRows(
      new Map(),
      Array.from({ length: 5000 }, (_, at) =>
        row(`r${at}`, { holder: at % 3 ? 'bot' : 'queue', last_at: new Date(1.7e12 + ((at * 7919) % 5000) * 1000).toISOString() })),
    )
    arranged(book, 'me')

    const before = performance.now()
    for (let run = 0; run < 5; run += 1) arranged(book, 'me')

    expect((performance.now() - before) / 5).toBeLessThan(60)
  })

  it('step to a neighbour and stop at the ends', () => {
    const rows = [row('a'), row('b'), row('c')]

    expect(neighbour(rows, 'a', 1)?.id).toBe('b')
    expect(neighbour(rows, 'a', -1)?.id).toBe('a')
    expect(neighbour(rows, 'c', 1)?.id).toBe('c')
    expect(neighbour(rows, null, 1)?.id).toBe('a')
    expect(neighbour([], 'a', 1)).toBeNull()
  })

  it('find a conversation by name, words or intent', () => {
    const book = withRows(new Map(), [
      row('a', { customer: { id: '1', name: '周航', level: null, guest: false } }),
      row('b', { last_text: '发票抬头开错了' }),
      row('c', { intent: 'ask_logistics' }),
    ])

    expect(found(book, '周航').map((one) => one.id)).toEqual(['a'])
    expect(found(book, '发票').map((one) => one.id)).toEqual(['b'])
    expect(found(book, 'LOGIS').map((one) => one.id)).toEqual(['c'])
    expect(found(book, '没有这个')).toEqual([])
  })

  it('show what only the desk found behind what is known here, each once', () => {
    const here = [row('a'), row('b')]

    expect(joined(here, [row('b'), row('c')]).map((one) => one.id)).toEqual(['a', 'b', 'c'])
    expect(joined(here, [row('c')], 2)).toHaveLength(2)
  })
})
