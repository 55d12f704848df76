/** What is done for one customer in the shop, and what is noted about him. */
import type { AfterSale, Errand, Profile } from '@/protocol'
import { call } from './rest'

const ROOT = '/api/v1/console'
const at = (conversationId: string, rest: string) => `${ROOT}/conversations/${encodeURIComponent(conversationId)}/${rest}`

/** The same id again is the same errand, so that a lost answer costs nothing. */
export const act = async (id: string, orderNo: string, errand: Errand, clientMsgId: string, details: Record<string, unknown>) =>
  (await call<{ body: { text: string } }>('POST', at(id, `orders/${encodeURIComponent(orderNo)}/${errand}`), { body: { client_msg_id: clientMsgId, details } })).data
export const note = async (id: string, changes: { tags?: string[]; notes?: string }) => (await call<Profile>('PUT', at(id, 'customer'), { body: changes })).data
export const afterSales = async (customerId: string) =>
  (await call<{ after_sales: AfterSale[] }>('GET', `${ROOT}/customers/${encodeURIComponent(customerId)}/after-sales`)).data.after_sales
export const unanswered = async (id: string, text: string, seq: number): Promise<void> => {
  await call('POST', at(id, 'unanswered'), { body: { text, seq } })
}
