/** The console's calls to the desk, one function each (docs/api.md, section 3). */
import type {
  Colleague, Conversation, ConversationEvent, ConversationPage, Counts, Group, HandoffDecision, ListName, Logistics, Me, MessageBody, Order,
  Outcome, Presence, Profile, Receipt, Row, SendCheck, SuggestedAnswer, Upload,
} from '@/protocol'
import { call } from './rest'

const ROOT = '/api/v1/console'
const at = (id: string, rest = '') => `${ROOT}/conversations/${encodeURIComponent(id)}${rest}`
const get = async <T>(path: string, query = {}, signal?: AbortSignal): Promise<T> =>
  (await call<T>('GET', path, { query, ...(signal ? { signal } : {}) })).data
const send = async <T>(method: string, path: string, body: unknown = {}): Promise<T> =>
  (await call<T>(method, path, { body })).data

export const setupNeeded = () => get<{ needed: boolean }>(`${ROOT}/setup`)
export const setUp = (first: { code: string; login: string; name: string; password: string }) =>
  send<Me>('POST', `${ROOT}/setup`, first)
export const signIn = (login: string, password: string) => send<Me>('POST', `${ROOT}/sign-in`, { login, password })
export const signOut = () => send<null>('POST', `${ROOT}/sign-out`)
export const me = () => get<Me>(`${ROOT}/me`)
export const setPresence = (presence: Presence, reason = '') => send<Me>('PUT', `${ROOT}/me/presence`, { presence, reason })
export const agents = () => get<{ agents: Colleague[]; groups: Group[] }>(`${ROOT}/agents`)

export const conversations = (list: ListName, cursor?: string | null, limit = 50) =>
  get<{ rows: Row[]; next_cursor: string | null; counts: Counts }>(`${ROOT}/conversations`, { list, cursor, limit })
export const search = async (q: string, limit = 30, signal?: AbortSignal) =>
  (await get<{ rows: Row[] }>(`${ROOT}/conversations`, { q, limit }, signal)).rows
export const conversation = (id: string) => get<ConversationPage>(at(id))
export const events = (id: string, range: { after?: number; before?: number; limit?: number }) =>
  get<{ events: ConversationEvent[]; head_seq: number; more: boolean }>(at(id, '/events'), range)

export const claim = (id: string, holderVersion?: number) =>
  send<Conversation>('POST', at(id, '/claim'), holderVersion === undefined ? {} : { holder_version: holderVersion })
export const next = () => send<Conversation>('POST', `${ROOT}/conversations/next`)
export const takeOver = (id: string) => send<Conversation>('POST', at(id, '/take-over'))
export const say = (id: string, clientMsgId: string, body: MessageBody) =>
  send<Receipt>('POST', at(id, '/messages'), { client_msg_id: clientMsgId, body })
export const note = (id: string, clientMsgId: string, text: string) =>
  send<Receipt>('POST', at(id, '/notes'), { client_msg_id: clientMsgId, text })
export const transfer = (id: string, to: { agent_id: string } | { group: string }, words: string) =>
  send<unknown>('POST', at(id, '/transfer'), { ...to, note: words })
export const decline = (id: string, words: string) => send<Conversation>('POST', at(id, '/decline'), { note: words })
export const snooze = (id: string, until: string, words: string) => send<unknown>('POST', at(id, '/snooze'), { until, note: words })
export const invite = (id: string, agentId: string, words: string) => send<unknown>('POST', at(id, '/invite'), { agent_id: agentId, note: words })
export const check = async (id: string, text: string, signal?: AbortSignal) =>
  (await call<SendCheck>('POST', at(id, '/check'), { body: { text }, ...(signal ? { signal } : {}) })).data
export const unmask = (id: string, seq: number, reason: string) => send<{ seq: number; text: string }>('POST', at(id, '/unmask'), { seq, reason })
export const phone = (id: string, reason: string) => send<{ phone: string }>('POST', at(id, '/phone'), { reason })
export const returnToBot = (id: string, words: string) => send<unknown>('POST', at(id, '/return-to-bot'), { note: words })
export const close = (id: string, outcome: Outcome, category: string, words: string, promise: { text: string; due_at: string } | null) =>
  send<unknown>('POST', at(id, '/close'), { outcome, category: category || undefined, note: words || undefined, promise: promise ?? undefined })
export const recall = (id: string, seq: number) => send<unknown>('POST', at(id, '/recall'), { seq })
export const verdict = (id: string, handoffId: string, personWasNeeded: boolean) =>
  send<unknown>('POST', at(id, '/verdict'), { handoff_id: handoffId, person_was_needed: personWasNeeded })
export const decisions = async (id: string) => (await get<{ decisions: HandoffDecision[] }>(at(id, '/decisions'))).decisions
export const saveDraft = (id: string, text: string) => send<null>('PUT', at(id, '/draft'), { text })
export const markRead = (id: string, seq: number) => send<null>('POST', at(id, '/read'), { seq })
export const suggestions = (id: string, q: string, signal?: AbortSignal) =>
  get<{ suggestions: SuggestedAnswer[] }>(at(id, '/suggestions'), { q }, signal)

const customerAt = (id: string, rest = '') => `${ROOT}/customers/${encodeURIComponent(id)}${rest}`
export const customer = (id: string) => get<Profile>(customerAt(id))
export const orders = (id: string) => get<{ orders: Order[] }>(customerAt(id, '/orders'))
export const logistics = (id: string, orderNo: string) =>
  get<Logistics>(customerAt(id, `/orders/${encodeURIComponent(orderNo)}/logistics`))

export async function upload(picture: Blob, name: string): Promise<Upload> {
  const form = new FormData()
  form.append('file', picture, name)
  return (await call<Upload>('POST', `${ROOT}/uploads`, { form })).data
}
