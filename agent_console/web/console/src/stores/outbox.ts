/** Sends what the agent wrote, in order, under one id each, for as long as it takes. */
import { computed, shallowRef } from 'vue'
import { defineStore } from 'pinia'
import * as api from '@/connection/desk_api'
import { sendFrame } from '@/connection/line'
import { Refused } from '@/trouble'
import type { MessageBody, Receipt } from '@/protocol'
import {
  acked, arrived, discarded, isPassing, kept, lineLost, nextToSend, queued, refused, restored, retried, underWay, type Outbox, type Outgoing, type Refusal,
} from '@/state/outbox'
import { useSession } from './session'

/** A receipt normally takes milliseconds; after this long the same id is sent once more. */
const RECEIPT_MS = 8_000
const RETRY_MS = 3_000

export const useOutbox = defineStore('outbox', () => {
  const session = useSession()
  const outbox = shallowRef<Outbox>([])
  const timers = new Map<string, ReturnType<typeof setTimeout>>()

  const byConversation = computed(() => {
    const grouped = new Map<string, Outgoing[]>()
    for (const one of outbox.value) grouped.set(one.conversation_id, [...(grouped.get(one.conversation_id) ?? []), one])
    return grouped
  })
  const place = () => `jieli.outbox.${session.id}`

  function change(next: Outbox): void {
    if (next === outbox.value) return
    outbox.value = next
    try {
      sessionStorage.setItem(place(), kept(next))
    } catch {
      // A full or forbidden storage costs the outbox its reload safety, nothing else.
    }
  }

  function of(conversationId: string): readonly Outgoing[] {
    return byConversation.value.get(conversationId) ?? []
  }

  /** What an earlier load of this page did not get through. */
  function restore(): void {
    let text: string | null = null
    try {
      text = sessionStorage.getItem(place())
    } catch {
      text = null
    }
    change(restored(text))
  }

  function put(conversationId: string, kind: Outgoing['kind'], body: MessageBody): void {
    change(queued(outbox.value, {
      conversation_id: conversationId, client_msg_id: crypto.randomUUID(), kind, body, at: new Date().toISOString(),
    }))
    flush()
  }

  function flush(): void {
    for (const one of nextToSend(outbox.value)) {
      if (one.kind === 'note') void sendNote(one)
      else if (sendFrame({ t: 'say', c: one.conversation_id, id: one.client_msg_id, d: { body: one.body } })) {
        change(underWay(outbox.value, one.client_msg_id))
        again(one.client_msg_id, RECEIPT_MS)
      }
    }
  }

  function again(id: string, ms: number): void {
    clearTimeout(timers.get(id))
    timers.set(id, setTimeout(() => {
      timers.delete(id)
      change(outbox.value.map((one) => (one.client_msg_id === id && one.state === 'sending' ? { ...one, state: 'queued' as const } : one)))
      flush()
    }, ms))
  }

  async function sendNote(one: Outgoing): Promise<void> {
    if (one.body.type !== 'text') return
    change(underWay(outbox.value, one.client_msg_id))
    try {
      onAck(await api.note(one.conversation_id, one.client_msg_id, one.body.text))
    } catch (error) {
      if (error instanceof Refused) onRefused(one.client_msg_id, error.problem)
      else again(one.client_msg_id, RETRY_MS)
    }
  }

  function onAck(receipt: Receipt): void {
    clearTimeout(timers.get(receipt.client_msg_id))
    change(acked(outbox.value, receipt.client_msg_id, receipt.seq))
    flush()
  }

  function onRefused(id: string, { code, detail }: Refusal, retryAfter?: number): void {
    if (retryAfter || isPassing(code)) {
      again(id, retryAfter ? retryAfter * 1000 : RETRY_MS)
      return
    }
    clearTimeout(timers.get(id))
    change(refused(outbox.value, id, { code, detail }))
    flush()
  }

  function onLineLost(): void {
    change(lineLost(outbox.value))
  }

  function onArrived(conversationId: string, ids: ReadonlySet<string>, head: number): void {
    change(arrived(outbox.value, conversationId, ids, head))
  }

  function retry(id: string): void {
    change(retried(outbox.value, id))
    flush()
  }

  function discard(id: string): void {
    change(discarded(outbox.value, id))
  }

  function clear(): void {
    change([])
  }

  return { outbox, of, restore, put, flush, onAck, onRefused, onLineLost, onArrived, retry, discard, clear }
})
