/** The console's calls about promises to customers. */
import type { Conversation, OpenPromise, Owner, PromiseGiven, PromiseKind } from '@/protocol'
import { call } from './rest'

const ROOT = '/api/v1/console'
const at = (conversationId: string, rest: string) => `${ROOT}/conversations/${encodeURIComponent(conversationId)}/${rest}`
const of = (conversationId: string, promiseId: string, act: string) => at(conversationId, `promises/${encodeURIComponent(promiseId)}/${act}`)
const post = async <T>(path: string, body: unknown = {}): Promise<T> => (await call<T>('POST', path, { body })).data

export type Whose = 'mine' | 'group' | 'all'
export const listed = async (whose: Whose) => (await call<{ promises: OpenPromise[] }>('GET', `${ROOT}/promises`, { query: { whose } })).data.promises
export const make = (id: string, promise: { text: string; due_at: string; kind: Exclude<PromiseKind, 'answer'> }) => post<PromiseGiven>(at(id, 'promises'), promise)
export const keep = (id: string, promiseId: string, note = '') => post<null>(of(id, promiseId, 'keep'), { note })
export const withdraw = (id: string, promiseId: string, reason: string) => post<null>(of(id, promiseId, 'withdraw'), { reason })
export const passOn = (id: string, promiseId: string, owner: Owner, note = '') => post<null>(of(id, promiseId, 'pass-on'), { owner, note })
export const followUp = (id: string) => post<Conversation>(at(id, 'follow-up'))
