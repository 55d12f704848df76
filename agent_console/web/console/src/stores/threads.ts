/** The conversations opened in this page: their logs, cards and customers, followed live. */
import { ref, shallowReactive } from 'vue'
import { defineStore } from 'pinia'
import * as api from '@/connection/desk_api'
import { sendFrame } from '@/connection/line'
import type { Author, Card, Conversation, ConversationEvent, EventKind, Profile } from '@/protocol'
import { askAgainAfter, emptyLog, hasEarlier, withEarlier, withEvents, type ConversationLog } from '@/state/log'
import { withOpened } from '@/state/watching'
import { useLists } from './lists'
import { useOutbox } from './outbox'

export interface Thread {
  readonly id: string
  readonly log: ConversationLog
  readonly conversation: Conversation | null
  readonly card: Card | null
  readonly customer: Profile | null
  /** The customer has seen everything up to here. */
  readonly customerRead: number
  readonly typing: { author: Author; text: string; at: number } | null
  readonly isLoading: boolean
  readonly isLoadingEarlier: boolean
  readonly error: unknown
}

/** Events after which the handoff card may say something else. */
const CARD_KINDS: ReadonlySet<EventKind> = new Set([
  'message', 'understood', 'feedback', 'handed_over', 'claimed', 'requeued', 'transferred', 'returned_to_bot', 'promise_made', 'promise_kept', 'promise_withdrawn', 'promise_passed_on',
])
const CARD_PAUSE_MS = 600
const EARLIER_PAGE = 100

export const useThreads = defineStore('threads', () => {
  const lists = useLists()
  const outbox = useOutbox()
  const threads = shallowReactive(new Map<string, Thread>())
  const openId = ref<string | null>(null)
  let watched: string[] = []
  let cardTimer: ReturnType<typeof setTimeout> | undefined

  function change(id: string, part: Partial<Thread>): void {
    const thread = threads.get(id)
    if (thread) threads.set(id, { ...thread, ...part })
  }

  function watch(id: string): void {
    const log = threads.get(id)?.log
    if (log) sendFrame({ t: 'watch', c: id, d: { after: log.head } })
  }

  async function open(id: string): Promise<void> {
    openId.value = id
    const next = withOpened(watched, id)
    watched = next.watched
    for (const dropped of next.dropped) {
      sendFrame({ t: 'unwatch', c: dropped, d: {} })
      threads.delete(dropped)
    }
    if (threads.get(id)?.conversation) return
    threads.set(id, {
      id, log: emptyLog(), conversation: null, card: null, customer: null, customerRead: 0, typing: null,
      isLoading: true, isLoadingEarlier: false, error: null,
    })
    await read(id)
  }

  function shut(): void {
    openId.value = null
  }

  async function read(id: string): Promise<void> {
    change(id, { isLoading: true, error: null })
    try {
      const page = await api.conversation(id)
      const held = threads.get(id)
      if (!held) return
      const fresh = withEvents(emptyLog(Math.max(0, page.first_seq - 1)), page.events)
      change(id, {
        log: held.conversation ? withEvents(held.log, page.events) : fresh,
        conversation: page.conversation, card: page.card, customer: page.customer, isLoading: false,
        customerRead: Math.max(held.customerRead, page.read?.customer ?? 0),
      })
      settle(id)
      watch(id)
    } catch (error) {
      change(id, { isLoading: false, error })
    }
  }

  async function loadEarlier(id: string): Promise<void> {
    const thread = threads.get(id)
    if (!thread || thread.isLoadingEarlier || !hasEarlier(thread.log)) return
    change(id, { isLoadingEarlier: true })
    try {
      const page = await api.events(id, { before: thread.log.firstSeq, limit: EARLIER_PAGE })
      const held = threads.get(id)
      if (held) change(id, { log: withEarlier(held.log, page.events), isLoadingEarlier: false })
    } catch (error) {
      change(id, { isLoadingEarlier: false, error })
    }
  }

  /** Loads back until the message is there; false when it cannot be had. */
  async function reach(id: string, seq: number): Promise<boolean> {
    for (let first = Infinity; ; ) {
      const log = threads.get(id)?.log
      if (!log || seq > log.head) return false
      if (seq >= log.firstSeq) return true
      if (log.firstSeq >= first) return false
      first = log.firstSeq
      await loadEarlier(id)
    }
  }

  function settle(id: string): void {
    const log = threads.get(id)?.log
    if (!log) return
    const ids = new Set(log.events.flatMap((event) => event.client_msg_id ?? []))
    outbox.onArrived(id, ids, log.head)
  }

  /** Live events, many at a time. */
  function take(arrived: ReadonlyMap<string, ConversationEvent[]>): void {
    for (const [id, events] of arrived) {
      const thread = threads.get(id)
      if (!thread?.conversation) continue
      const before = thread.log
      const log = withEvents(before, events)
      if (log === before) continue
      const customerSpoke = events.some((event) => event.kind === 'message' && event.author.role !== 'agent')
      change(id, { log, ...(customerSpoke ? { typing: null } : {}) })
      settle(id)
      const missingAfter = askAgainAfter(log)
      if (missingAfter !== null && before.ahead.length === 0) watch(id)
      if (id === openId.value && events.some((event) => CARD_KINDS.has(event.kind))) refreshCard(id)
    }
  }

  function refreshCard(id: string): void {
    if (cardTimer) return
    cardTimer = setTimeout(async () => {
      cardTimer = undefined
      try {
        const page = await api.conversation(id)
        change(id, { card: page.card, customer: page.customer })
      } catch {
        // The card on screen stays; the next event asks again.
      }
    }, CARD_PAUSE_MS)
  }

  /** The desk's own heads: where it has more than we do, a push was lost. */
  function heard(heads: Readonly<Record<string, number>>): void {
    for (const [id, head] of Object.entries(heads)) {
      const log = threads.get(id)?.log
      if (log && askAgainAfter(log, head) !== null) watch(id)
    }
  }

  /** A new line: everything that is open is asked for from where it stopped. */
  function resume(): void {
    for (const id of watched) {
      const thread = threads.get(id)
      if (thread?.conversation) watch(id)
      else if (thread && !thread.isLoading) void read(id)
    }
  }

  function takeConversation(conversation: Conversation): void {
    const held = threads.get(conversation.id)?.conversation
    if (held && held.holder_version > conversation.holder_version) return
    change(conversation.id, { conversation })
  }

  function takeCustomer(id: string, customer: Profile): void {
    change(id, { customer })
  }

  function takeTyping(id: string, author: Author, text: string): void {
    change(id, { typing: { author, text, at: Date.now() } })
  }

  function takeRead(id: string, role: string, seq: number): void {
    const thread = threads.get(id)
    if (role === 'customer' && thread && seq > thread.customerRead) change(id, { customerRead: seq })
  }

  /** Says that this agent has seen everything; only for a conversation that is his. */
  function markRead(id: string): void {
    const log = threads.get(id)?.log
    if (!log || !log.head || !lists.isMine(id)) return
    lists.readUpTo(id, log.head)
    sendFrame({ t: 'read', c: id, d: { seq: log.head } })
  }

  function sayTyping(id: string): void {
    sendFrame({ t: 'typing', c: id, d: {} })
  }

  function clear(): void {
    threads.clear()
    watched = []
    openId.value = null
  }

  return {
    threads, openId, open, shut, read, loadEarlier, reach, take, heard, resume, takeConversation, takeCustomer, takeTyping, takeRead,
    markRead, sayTyping, clear,
  }
})
