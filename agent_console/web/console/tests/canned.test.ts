import { describe, expect, it } from 'vitest'
import { blanksLeft, slashQuery, unknownBlanks, withReply } from '@/state/canned'

describe('a canned reply', () => {
  it('is asked for by a slash at the start of the text or of a line, up to the caret', () => {
    expect(slashQuery('/kd', 3)).toEqual({ words: 'kd', start: 0 })
    expect(slashQuery('您好\n/', 4)).toEqual({ words: '', start: 3 })
    expect(slashQuery('/kd', 2)).toEqual({ words: 'k', start: 0 })
  })

  it('is not asked for by a slash inside a sentence, an address or after a space', () => {
    expect(slashQuery('24/7 在线', 4)).toBeNull()
    expect(slashQuery('https://a.cn/b', 14)).toBeNull()
    expect(slashQuery('/kd 好', 5)).toBeNull()
  })

  it('is asked for by what a Chinese keyboard writes for that key, at the very start only', () => {
    expect(slashQuery('、kd', 3)).toEqual({ words: 'kd', start: 0 })
    expect(slashQuery('／kd', 3)).toEqual({ words: 'kd', start: 0 })
    expect(slashQuery('苹果\n、梨', 5)).toBeNull()
  })

  it('takes the place of the slash and leaves the caret behind it', () => {
    const text = '您好\n/kd再见'

    const after = withReply(text, slashQuery(text, 6)!, 6, '包裹在路上。')

    expect(after).toEqual({ text: '您好\n包裹在路上。再见', caret: 9 })
  })

  it('names the blanks that are left and those that the desk does not know', () => {
    expect(blanksLeft('{客户}您好，订单 {订单号} 已发出，{客户}请留意')).toEqual(['客户', '订单号'])
    expect(blanksLeft('尺寸 {a} 见图')).toEqual([])
    expect(unknownBlanks('{客户}您好 {生日}')).toEqual(['生日'])
  })
})
