/** What was promised to customers and is not done: the list behind the bell, and what can be done about each. */
import { computed, shallowRef } from 'vue'
import { defineStore } from 'pinia'
import * as api from '@/connection/promises_api'
import type { OpenPromise, Owner } from '@/protocol'
import { useLists } from './lists'
import { useSession } from './session'
import { useThreads } from './threads'

export const usePromises = defineStore('promises', () => {
  const session = useSession()
  const threads = useThreads()
  const lists = useLists()
  const mine = shallowRef<readonly OpenPromise[]>([])
  const overdue = computed(() => mine.value.filter((one) => one.overdue).length)

  /** My own; what is due or done changes the badge, so it is asked for again now and then. */
  async function refresh(): Promise<void> {
    mine.value = await api.listed('mine')
  }

  async function make(id: string, promise: Parameters<typeof api.make>[1]): Promise<void> {
    await api.make(id, promise)
    await refresh().catch(() => undefined)
  }

  async function keep(id: string, promiseId: string): Promise<void> {
    await api.keep(id, promiseId)
    await refresh().catch(() => undefined)
  }

  async function withdraw(id: string, promiseId: string, reason: string): Promise<void> {
    await api.withdraw(id, promiseId, reason)
    await refresh().catch(() => undefined)
  }

  async function passOn(id: string, promiseId: string, owner: Owner): Promise<void> {
    await api.passOn(id, promiseId, owner)
    await refresh().catch(() => undefined)
  }

  /** Back to a customer whose conversation has ended. */
  async function followUp(id: string): Promise<void> {
    lists.takenHere(id)
    threads.takeConversation(await api.followUp(id))
    await session.refresh().catch(() => undefined)
  }

  function clear(): void {
    mine.value = []
  }

  return { mine, overdue, listed: api.listed, refresh, make, keep, withdraw, passOn, followUp, clear }
})
