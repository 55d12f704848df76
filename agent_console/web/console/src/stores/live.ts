/** Carries frames from the line to the stores, one change of the screen per frame drawn. */
import { computed, shallowRef } from 'vue'
import { defineStore } from 'pinia'
import { closeLine, openLine, reconnect, sendFrame } from '@/connection/line'
import type { LineReport } from '@/connection/socket'
import type { ConversationEvent, Row, ServerFrame } from '@/protocol'
import { batched } from '@/state/frame_batch'
import { useAlerts } from './alerts'
import { useDrafts } from './drafts'
import { useLists } from './lists'
import { useOutbox } from './outbox'
import { usePromises } from './promises'
import { useSession } from './session'
import { useThreads } from './threads'

/** A hidden page draws no frames; it still has to keep up, only more calmly. */
const HIDDEN_PAGE_MS = 250
/** A promise turns due by the clock, which pushes nothing. */
const PROMISES_EVERY_MS = 60_000

export const useLive = defineStore('live', () => {
  const session = useSession()
  const lists = useLists()
  const threads = useThreads()
  const outbox = useOutbox()
  const drafts = useDrafts()
  const alerts = useAlerts()
  const promises = usePromises()
  let promiseTimer: ReturnType<typeof setInterval> | undefined
  const line = shallowRef<LineReport>({ state: 'connecting', retryAt: null })
  /** False only before the first connection, when there is nothing to warn about yet. */
  const wasOpen = shallowRef(false)
  const isOpen = computed(() => line.value.state === 'open')

  const batch = batched<ServerFrame>(
    (frames) => {
      const rows: Row[] = []
      const events = new Map<string, ConversationEvent[]>()
      for (const frame of frames) {
        if (frame.t === 'row') rows.push(frame.d)
        else if (frame.t === 'event') events.set(frame.c, [...(events.get(frame.c) ?? []), frame.d])
      }
      if (rows.length) lists.take(rows)
      if (events.size) threads.take(events)
      for (const frame of frames) single(frame)
    },
    (run) => {
      if (document.hidden) setTimeout(run, HIDDEN_PAGE_MS)
      else requestAnimationFrame(run)
    },
  )

  function single(frame: ServerFrame): void {
    switch (frame.t) {
      case 'counts':
        return lists.takeCounts(frame.d)
      case 'conversation':
        return threads.takeConversation(frame.d)
      case 'heartbeat':
        return threads.heard(frame.d.heads)
      case 'typing':
        return threads.takeTyping(frame.c, frame.d.author, frame.d.text ?? '')
      case 'read':
        return threads.takeRead(frame.c, frame.d.role, frame.d.seq)
      case 'presence':
        return session.heardPresence(frame.d.agent_id, frame.d.presence)
      case 'invited':
        return alerts.invited({ conversationId: frame.d.conversation_id, by: frame.d.by, customer: frame.d.customer, note: frame.d.note, at: new Date().toISOString() })
      case 'ack':
        return outbox.onAck(frame.d)
      case 'refused':
        return frame.id ? outbox.onRefused(frame.id, frame.d, frame.d.retry_after) : undefined
    }
  }

  function onFrame(frame: ServerFrame): void {
    if (frame.t !== 'welcome') return batch.add(frame)
    if (session.mayServe) sendFrame({ t: 'lists', d: {} })
    threads.resume()
    outbox.flush()
    if (wasOpen.value) {
      if (session.mayServe) void lists.reload()
      // Away for longer than the grace, and the desk has taken this agent off duty.
      void session.refresh().catch(() => undefined)
    }
    wasOpen.value = true
  }

  function onState(report: LineReport): void {
    line.value = report
    if (report.state !== 'open') outbox.onLineLost()
    if (report.state === 'signed_out') session.forget()
  }

  function start(): void {
    outbox.restore()
    void session.learnGroups().catch(() => undefined)
    if (session.mayServe) {
      const look = () => void promises.refresh().catch(() => undefined)
      look()
      promiseTimer = setInterval(look, PROMISES_EVERY_MS)
    }
    openLine(onFrame, onState)
  }

  function stop(): void {
    closeLine()
    clearInterval(promiseTimer)
    promises.clear()
    wasOpen.value = false
    lists.clear()
    threads.clear()
    drafts.forget()
    alerts.clear()
  }

  return { line, isOpen, wasOpen, start, stop, reconnect }
})
