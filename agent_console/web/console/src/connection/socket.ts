/** The console's socket: connects, notices silence, reconnects with jitter, and hands frames on as they come. */
import type { Frame, ServerFrame } from '@/protocol'
import { delayBefore } from '@/state/backoff'

export type LineState = 'connecting' | 'open' | 'waiting' | 'replaced' | 'signed_out' | 'refused'

export interface LineReport {
  state: LineState
  /** When the next attempt starts, while `waiting`. */
  retryAt: number | null
}

/** The few calls of a browser's WebSocket that are used. */
export interface Wire {
  readonly readyState: number
  send(text: string): void
  close(code?: number): void
  onopen: ((event: never) => void) | null
  onmessage: ((event: { data: unknown }) => void) | null
  onclose: ((event: { code: number }) => void) | null
}

export interface SocketParts {
  open(): Wire
  onFrame(frame: ServerFrame): void
  onState(report: LineReport): void
  now(): number
  random(): number
  after(ms: number, run: () => void): () => void
}

const OPEN = 1
const DEFAULT_HEARTBEAT_SECONDS = 5
/** A line that stays silent for this many heartbeats is dead, even if the browser has not noticed. */
const SILENT_HEARTBEATS = 3
/** How long a connection attempt may take before it counts as failed. */
const CONNECT_MS = 10_000

const REPLACED = 4409
const SIGNED_OUT = 4401
const ORIGIN = 4403
const NOT_THE_PROTOCOL = 4400

export class DeskSocket {
  readonly #parts: SocketParts
  #wire: Wire | null = null
  #attempt = 0
  #isStopped = true
  #cancelRetry: () => void = () => undefined
  #cancelWatchdog: () => void = () => undefined
  #heartbeatSeconds = DEFAULT_HEARTBEAT_SECONDS
  #state: LineState = 'waiting'

  constructor(parts: SocketParts) {
    this.#parts = parts
  }

  get isOpen(): boolean {
    return this.#state === 'open'
  }

  start(): void {
    if (!this.#isStopped) return
    this.#isStopped = false
    this.#attempt = 0
    this.#connect()
  }

  stop(): void {
    this.#isStopped = true
    this.#drop()
    this.#report('waiting')
  }

  /** The network came back or someone asked: do not wait for the timer. */
  retryNow(): void {
    if (this.#isStopped || this.#state === 'open' || this.#state === 'connecting') return
    this.#attempt = 0
    this.#connect()
  }

  /** True when the frame was handed to the line; false when there is no line, and nothing is kept. */
  send(frame: Frame): boolean {
    if (!this.isOpen || this.#wire?.readyState !== OPEN) return false
    this.#wire.send(JSON.stringify(frame))
    return true
  }

  #connect(): void {
    this.#drop()
    this.#report('connecting')
    const wire = this.#parts.open()
    this.#wire = wire
    this.#watch(CONNECT_MS)
    wire.onmessage = (event) => {
      if (this.#wire === wire) this.#receive(event.data)
    }
    wire.onclose = (event) => {
      if (this.#wire === wire) this.#closed(event.code)
    }
  }

  #receive(data: unknown): void {
    if (typeof data !== 'string') return
    let frame: ServerFrame
    try {
      frame = JSON.parse(data) as ServerFrame
    } catch {
      return
    }
    // Only a welcome proves that the desk, and not something in between, is at the other end.
    if (frame.t === 'welcome') {
      this.#heartbeatSeconds = frame.d.heartbeat_seconds || DEFAULT_HEARTBEAT_SECONDS
      this.#attempt = 0
      this.#report('open')
    }
    this.#watch(this.#heartbeatSeconds * SILENT_HEARTBEATS * 1000)
    this.#parts.onFrame(frame)
  }

  #closed(code: number): void {
    this.#drop()
    if (this.#isStopped) return
    if (code === REPLACED || code === SIGNED_OUT || code === ORIGIN || code === NOT_THE_PROTOCOL) {
      this.#isStopped = true
      this.#report(code === REPLACED ? 'replaced' : code === SIGNED_OUT ? 'signed_out' : 'refused')
      return
    }
    const delay = delayBefore(this.#attempt, this.#parts.random())
    this.#attempt += 1
    this.#report('waiting', this.#parts.now() + delay)
    this.#cancelRetry = this.#parts.after(delay, () => this.#connect())
  }

  #watch(ms: number): void {
    this.#cancelWatchdog()
    this.#cancelWatchdog = this.#parts.after(ms, () => {
      this.#wire?.close()
      this.#closed(1006)
    })
  }

  #drop(): void {
    this.#cancelRetry()
    this.#cancelWatchdog()
    const wire = this.#wire
    this.#wire = null
    if (!wire) return
    wire.onmessage = null
    wire.onclose = null
    wire.close()
  }

  #report(state: LineState, retryAt: number | null = null): void {
    this.#state = state
    this.#parts.onState({ state, retryAt })
  }
}
