/** Half-written replies: kept here while typing, on the desk a moment later, so that they survive a change of machine. */
import { shallowReactive } from 'vue'
import { defineStore } from 'pinia'
import * as api from '@/connection/desk_api'
import type { Row } from '@/protocol'
import { useLists } from './lists'

/** Long enough not to write every letter, short enough that a closed tab loses at most a word. */
const PAUSE_MS = 700

export const useDrafts = defineStore('drafts', () => {
  const lists = useLists()
  const texts = shallowReactive(new Map<string, string>())
  const timers = new Map<string, ReturnType<typeof setTimeout>>()

  function of(id: string): string {
    return texts.get(id) ?? lists.rowOf(id)?.draft ?? ''
  }

  /** What a row shows as its draft: nothing for a conversation that someone else answers. */
  function markOf(row: Row): string {
    return texts.get(row.id) ?? (lists.isMine(row.id) ? row.draft ?? '' : '')
  }

  function write(id: string, text: string): void {
    texts.set(id, text)
    clearTimeout(timers.get(id))
    timers.set(id, setTimeout(() => void save(id), PAUSE_MS))
  }

  async function save(id: string): Promise<void> {
    clearTimeout(timers.get(id))
    timers.delete(id)
    try {
      await api.saveDraft(id, texts.get(id) ?? '')
    } catch {
      // The text stays in this page; the next letter tries again.
    }
  }

  /** Sent: nothing is left to write. */
  function clear(id: string): void {
    texts.set(id, '')
    void save(id)
  }

  function forget(): void {
    for (const timer of timers.values()) clearTimeout(timer)
    timers.clear()
    texts.clear()
  }

  return { texts, of, markOf, write, clear, forget }
})
