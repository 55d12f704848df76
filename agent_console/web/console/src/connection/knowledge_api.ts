/** The console's calls to the knowledge base, through the desk (docs/api.md, section 5). */
import type { Entry, EntryDraft, EntryState, EntryVersion, KnowledgeStatus, PublishResult, TryAnswer, UnansweredGroup } from '@/protocol'
import { call } from './rest'

const ROOT = '/api/v1/console/kb'
const at = (id: string, rest = '') => `${ROOT}/entries/${encodeURIComponent(id)}${rest}`

/** An entry with the mark that must be handed back when it is changed. */
export interface Marked<T> {
  data: T
  etag: string
}
const marked = <T>({ data, etag }: { data: T; etag: string | null }, version: number): Marked<T> => ({
  data,
  etag: etag ?? `"${version}"`,
})

export interface EntryFilter {
  q?: string
  category?: string
  state?: EntryState | ''
  cursor?: string | null
  limit?: number
}
export const entries = async (filter: EntryFilter) =>
  (await call<{ entries: Entry[]; next_cursor: string | null; total: number }>('GET', `${ROOT}/entries`, { query: { ...filter } })).data
export const entry = async (id: string) => {
  const answer = await call<Entry>('GET', at(id))
  return marked(answer, answer.data.version)
}
export const create = async (draft: EntryDraft) => {
  const answer = await call<Entry>('POST', `${ROOT}/entries`, { body: draft })
  return marked(answer, answer.data.version)
}
export const save = async (id: string, draft: EntryDraft, ifMatch: string) => {
  const answer = await call<Entry>('PUT', at(id), { body: draft, ifMatch })
  return marked(answer, answer.data.version)
}
export type Step = 'submit' | 'retire' | 'withdraw'
export const step = async (id: string, which: Step, ifMatch: string) => {
  const answer = await call<Entry>('POST', at(id, `/${which}`), { body: {}, ifMatch })
  return marked(answer, answer.data.version)
}
export const publish = async (id: string, ifMatch: string) => {
  const answer = await call<PublishResult>('POST', at(id, '/publish'), { body: {}, ifMatch })
  return marked(answer, answer.data.entry.version)
}
export const rollBack = async (id: string, version: number, ifMatch: string) => {
  const answer = await call<Entry>('POST', at(id, '/roll-back'), { body: { version }, ifMatch })
  return marked(answer, answer.data.version)
}
export const history = async (id: string) => (await call<{ versions: EntryVersion[] }>('GET', at(id, '/history'))).data
export const tryText = async (text: string) => (await call<TryAnswer>('POST', `${ROOT}/try`, { body: { text } })).data
export const categories = async () =>
  (await call<{ categories: { name: string; entries: number }[] }>('GET', `${ROOT}/categories`)).data
export const status = async () => (await call<KnowledgeStatus>('GET', `${ROOT}/status`)).data
export const unanswered = async (cursor?: string | null) =>
  (await call<{ groups: UnansweredGroup[]; next_cursor: string | null; total: number }>('GET', `${ROOT}/unanswered`, { query: { state: 'open', cursor } })).data
export const resolveUnanswered = async (id: string, state: 'answered' | 'ignored', entryId?: string) =>
  (await call<unknown>('POST', `${ROOT}/unanswered/${encodeURIComponent(id)}/resolve`, { body: { state, ...(entryId ? { entry_id: entryId } : {}) } })).data
