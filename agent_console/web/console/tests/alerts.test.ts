import { describe, expect, it } from 'vitest'
import { alertsOf } from '@/state/alerts'
import { row } from './factories'

describe('alerts', () => {
  const breach = { clock: 'first_response', state: 'breach' } as const
  const warning = { clock: 'next_response', state: 'warning' } as const
  const me = { id: 'me', groups: ['售后'] }
  const rows = [
    row('soon', { holder: 'agent:me', alert: warning }),
    row('late', { alert: breach }),
    row('elsewhere', { group: '售前', alert: breach }),
    row('others', { holder: 'agent:other', alert: breach }),
    row('fine', { holder: 'agent:me', alert: null }),
  ]

  it('are about one’s own customers and one’s groups’ queue, what is broken before what soon will be', () => {
    expect(alertsOf(rows, me, false).map((alert) => alert.row.id)).toEqual(['late', 'soon'])
  })

  it('are about everybody’s customers for who leads', () => {
    expect(alertsOf(rows, me, true).map((alert) => alert.row.id).sort()).toEqual(['elsewhere', 'late', 'others', 'soon'])
  })
})
