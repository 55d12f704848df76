/** Events, rows and entries with every field filled in, so that a test says only what it is about. */
import type { ConversationEvent, Entry, EventOf, Role, Row } from '@/protocol'

export function said(seq: number, text = `第 ${seq} 句`, over: Partial<EventOf<'message'>> = {}, role: Role = 'customer'): ConversationEvent {
  return {
    conversation_id: 'c1',
    seq,
    id: `e${seq}`,
    kind: 'message',
    at: new Date(Date.UTC(2026, 0, 5, 8, 0, seq)).toISOString(),
    author: { role, id: `${role}-1`, name: '林女士' },
    audience: 'all',
    body: { type: 'text', text },
    ...over,
  }
}

export function event<K extends ConversationEvent['kind']>(seq: number, kind: K, body: EventOf<K>['body']): ConversationEvent {
  return { ...said(seq), kind, body } as ConversationEvent
}

export function row(id: string, over: Partial<Row> = {}): Row {
  return {
    id,
    customer: { id: `k-${id}`, name: '林女士', level: 'gold', guest: false },
    holder: 'queue',
    holder_version: 1,
    agent: null,
    group: '售后',
    reason: 'user_asked',
    last_text: '怎么还没到',
    last_at: '2026-01-05T08:00:00.000Z',
    last_author: 'customer',
    waiting_since: '2026-01-05T08:00:00.000Z',
    unread: 0,
    head_seq: 1,
    emotion: null,
    intent: null,
    draft: '',
    revision: 1,
    ...over,
  }
}

export function entry(over: Partial<Entry> = {}): Entry {
  return {
    id: 'k1',
    question: '七天无理由退货运费谁出',
    similar: ['退货邮费谁付'],
    answer: '由您承担退回的运费。',
    html: '<p>由您承担退回的运费。</p>',
    category: '退换货',
    keywords: [],
    variants: {},
    related: [],
    valid_from: null,
    valid_to: null,
    state: 'published',
    version: 3,
    published_version: 3,
    updated_at: '2026-01-05T08:00:00.000Z',
    updated_by: '陈知',
    ...over,
  }
}
