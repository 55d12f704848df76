/** What an agent is warned of before sending: the usual phrases and the shop's own. */
import { shallowRef } from 'vue'
import { defineStore } from 'pinia'
import * as api from '@/connection/phrases_api'
import type { SendPhrase } from '@/protocol'

export const usePhrases = defineStore('phrases', () => {
  const phrases = shallowRef<readonly SendPhrase[] | null>(null)

  async function load(): Promise<void> {
    phrases.value = await api.all()
  }

  async function save({ words, kind, suggestion, variants, active }: Omit<SendPhrase, 'own'>): Promise<void> {
    const kept = await api.put({ words, kind, suggestion, variants, active })
    const held = phrases.value ?? []
    phrases.value = held.some((one) => one.words === kept.words) ? held.map((one) => (one.words === kept.words ? kept : one)) : [kept, ...held]
  }

  return { phrases, load, save }
})
