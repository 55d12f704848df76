/** The one live line of this page to the desk, in the browser's own clothes. */
import type { Frame, ServerFrame } from '@/protocol'
import { DeskSocket, type LineReport, type Wire } from './socket'

let socket: DeskSocket | null = null

function address(): string {
  const url = new URL('/api/v1/console/socket', location.href)
  url.protocol = url.protocol === 'https:' ? 'wss:' : 'ws:'
  return url.href
}

const retryNow = () => socket?.retryNow()
const retryWhenSeen = () => {
  if (!document.hidden) retryNow()
}

export function openLine(onFrame: (frame: ServerFrame) => void, onState: (report: LineReport) => void): void {
  closeLine()
  socket = new DeskSocket({
    open: () => new WebSocket(address()) as unknown as Wire,
    onFrame,
    onState,
    now: Date.now,
    random: Math.random,
    after(ms, run) {
      const timer = setTimeout(run, ms)
      return () => clearTimeout(timer)
    },
  })
  window.addEventListener('online', retryNow)
  document.addEventListener('visibilitychange', retryWhenSeen)
  socket.start()
}

export function closeLine(): void {
  window.removeEventListener('online', retryNow)
  document.removeEventListener('visibilitychange', retryWhenSeen)
  socket?.stop()
  socket = null
}

/** Connects at once: after a click on 「立即重连」, or to take the place back from another window. */
export function reconnect(): void {
  socket?.start()
  socket?.retryNow()
}

/** True when the frame went out; a caller that must not lose it keeps it until it is answered. */
export function sendFrame(frame: Omit<Frame, 'v'>): boolean {
  return socket?.send({ v: 1, ...frame }) ?? false
}
