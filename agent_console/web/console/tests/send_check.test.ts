import { describe, expect, it } from 'vitest'
import type { SendWarning } from '@/protocol'
import { isReplaceable, warningsFor, withSuggestion } from '@/state/send_check'

const warning: SendWarning = { code: 'over_promise', words: '保证能到', start: 3, end: 7, why: '超出规则的承诺', suggestion: '预计可以送达' }

describe('the look before sending', () => {
  it('says nothing about a text that has changed since', () => {
    const checked = { text: '明天保证能到', warnings: [warning], asked_again: [] }

    expect(warningsFor(checked, '明天保证能到')).toEqual([warning])
    expect(warningsFor(checked, '明天保证能到。')).toEqual([])
    expect(warningsFor(null, '明天保证能到')).toEqual([])
  })

  it('puts the better wording in its place, also behind an emoji', () => {
    const after = withSuggestion('😀明天保证能到哦', warning)

    expect(after.text).toBe('😀明天预计可以送达哦')
    expect(after.text.slice(after.from, after.to)).toBe('预计可以送达')
  })

  it('offers a better wording for words, not for numbers', () => {
    expect(isReplaceable(warning)).toBe(true)
    expect(isReplaceable({ ...warning, code: 'other_customer' })).toBe(false)
    expect(isReplaceable({ ...warning, suggestion: '' })).toBe(false)
  })
})
