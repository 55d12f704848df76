/** The canned replies of this agent and of everybody. */
import { shallowRef } from 'vue'
import { defineStore } from 'pinia'
import * as api from '@/connection/canned_api'
import type { CannedReply, CannedReplyDraft } from '@/protocol'

export const useCanned = defineStore('canned', () => {
  const replies = shallowRef<readonly CannedReply[] | null>(null)

  async function load(): Promise<void> {
    replies.value = await api.all()
  }

  async function save(id: string | null, draft: CannedReplyDraft): Promise<void> {
    // Whose a reply is stays as it was made.
    const { shared: _shared, ...changes } = draft
    const kept = id ? await api.change(id, changes) : await api.create(draft)
    replies.value = [...(replies.value ?? []).filter((one) => one.id !== kept.id), kept]
  }

  async function remove(id: string): Promise<void> {
    await api.remove(id)
    replies.value = (replies.value ?? []).filter((one) => one.id !== id)
  }

  return { replies, load, save, remove, filled: api.filled }
})
