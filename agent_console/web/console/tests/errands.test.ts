import { describe, expect, it } from 'vitest'
import { detailsOf, emptyErrand, errandsFor } from '@/state/errands'

describe('an errand in the shop', () => {
  it('is offered only where it makes sense', () => {
    expect(errandsFor('paid')).toContain('cancel')
    expect(errandsFor('signed')).not.toContain('urge')
    expect(errandsFor('cancelled')).toEqual([])
  })

  it('waits until everything the shop needs is there', () => {
    const form = emptyErrand()

    expect(detailsOf('urge', form)).toEqual({})
    expect(detailsOf('address', { ...form, name: '林悦', phone: '138' })).toBeNull()
    expect(detailsOf('address', { ...form, name: '林悦', phone: '138', text: ' 上海 ' })).toEqual({ name: '林悦', phone: '138', text: '上海' })
    expect(detailsOf('invoice', { ...form, isCompany: true, title: '云杉公司' })).toBeNull()
    expect(detailsOf('invoice', { ...form, title: '林悦' })).toEqual({ kind: 'personal', title: '林悦' })
    expect(detailsOf('after-sale', { ...form, reason: '破损', amount: '很多' })).toBeNull()
    expect(detailsOf('after-sale', { ...form, kind: 'refund', reason: '破损', amount: '20' })).toEqual({ kind: 'refund', reason: '破损', amount: 20 })
  })
})
