import { describe, expect, it } from 'vitest'
import type { GroupPlan } from '@/protocol'
import { faultsOf, formOf, planOf, tidyClock } from '@/state/group_plan'

const plan: GroupPlan = {
  name: '售后服务',
  hours: { 1: [['09:00', '12:00'], ['13:00', '24:00']], 2: [], 3: [], 4: [], 5: [], 6: [], 7: [] },
  holidays: { '2026-10-01': [], '2026-05-01': [['10:00', '16:00']] },
  overflow_to: 'order',
  overflow_seconds: 90,
  queue_limit: 50,
  standards: { first_response: { default: 60, diamond: 30 } },
  assignment: 'automatic',
  languages: ['en', 'ja'],
}

describe('a group’s plan', () => {
  it('comes back from the form as it went in', () => {
    expect(planOf(formOf(plan))).toEqual(plan)
  })

  it('keeps "always open" and the usual numbers apart from zero and from closed', () => {
    const usual: GroupPlan = { name: '售前', hours: null, holidays: {}, overflow_to: null, overflow_seconds: null, queue_limit: null, standards: null, assignment: 'manual', languages: [] }

    expect(planOf(formOf(usual))).toEqual(usual)
    expect(formOf(usual).week['1']).toEqual([{ from: '09:00', to: '21:00' }])
  })

  it('says what is wrong before it is stored', () => {
    const form = formOf(plan)

    expect(faultsOf(form)).toEqual([])
    expect(faultsOf({ ...form, name: ' ' })).toEqual(['name_missing'])
    expect(faultsOf({ ...form, week: { 1: [{ from: '21:00', to: '09:00' }] } })).toEqual(['span_bad'])
    expect(faultsOf({ ...form, week: { 1: [{ from: '09:00', to: '13:00' }, { from: '12:00', to: '18:00' }] } })).toEqual(['spans_cross'])
    expect(faultsOf({ ...form, holidays: [...form.holidays, { day: '2026-10-01', spans: [] }] })).toEqual(['holiday_twice'])
    expect(faultsOf({ ...form, holidays: [{ day: '', spans: [] }] })).toEqual(['holiday_bad'])
    expect(faultsOf({ ...form, queueLimit: '很多' })).toEqual(['number_bad'])
    expect(faultsOf({ ...form, languages: 'en，英文' })).toEqual(['language_bad'])
  })

  it('is not troubled by closed hours that nobody will see', () => {
    expect(faultsOf({ ...formOf(plan), isAlwaysOpen: true, week: { 1: [{ from: 'x', to: 'y' }] } })).toEqual([])
  })

  it('reads times as people type them', () => {
    expect(['9:00', '0930', '18：30', '24:00', '下午'].map(tidyClock)).toEqual(['09:00', '09:30', '18:30', '24:00', '下午'])
  })
})
