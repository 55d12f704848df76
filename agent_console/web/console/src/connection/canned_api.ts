/** The console's calls about canned replies. */
import type { CannedReply, CannedReplyDraft, FilledReply } from '@/protocol'
import { call } from './rest'

const ROOT = '/api/v1/console/canned-replies'
const at = (id: string) => `${ROOT}/${encodeURIComponent(id)}`

export const all = async () => (await call<{ replies: CannedReply[] }>('GET', ROOT)).data.replies
export const create = async (draft: CannedReplyDraft) => (await call<CannedReply>('POST', ROOT, { body: draft })).data
export const change = async (id: string, draft: Partial<CannedReplyDraft>) => (await call<CannedReply>('PUT', at(id), { body: draft })).data
export const remove = async (id: string): Promise<void> => {
  await call('DELETE', at(id))
}
export const filled = async (conversationId: string, q: string, signal: AbortSignal) =>
  (await call<{ replies: FilledReply[] }>('GET', `/api/v1/console/conversations/${encodeURIComponent(conversationId)}/canned-replies`, { query: { q }, signal })).data.replies
