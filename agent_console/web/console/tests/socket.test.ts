import { beforeEach, describe, expect, it } from 'vitest'
import { DeskSocket, type LineReport, type Wire } from '@/connection/socket'
import type { ServerFrame } from '@/protocol'

class TestWire implements Wire {
  readyState = 1
  sent: string[] = []
  isClosed = false
  onopen: ((event: never) => void) | null = null
  onmessage: ((event: { data: unknown }) => void) | null = null
  onclose: ((event: { code: number }) => void) | null = null
  send(text: string) {
    this.sent.push(text)
  }
  close() {
    this.isClosed = true
  }
  says(frame: object) {
    this.onmessage?.({ data: JSON.stringify(frame) })
  }
  breaks(code = 1006) {
    this.onclose?.({ code })
  }
}

const welcome = { v: 1, t: 'welcome', d: { node: 'n1', heartbeat_seconds: 5, server_time: '2026-01-05T08:00:00.000Z' } }

let wires: TestWire[]
let reports: LineReport[]
let frames: ServerFrame[]
let timers: { at: number; run: () => void; isOff: boolean }[]
let now: number
let socket: DeskSocket

function pass(ms: number) {
  const until = now + ms
  for (;;) {
    const due = timers.filter((timer) => !timer.isOff && timer.at <= until).sort((a, b) => a.at - b.at)[0]
    if (!due) break
    now = due.at
    due.isOff = true
    due.run()
  }
  now = until
}

beforeEach(() => {
  wires = []
  reports = []
  frames = []
  timers = []
  now = 0
  socket = new DeskSocket({
    open() {
      const wire = new TestWire()
      wires.push(wire)
      return wire
    },
    onFrame: (frame) => frames.push(frame),
    onState: (report) => reports.push(report),
    now: () => now,
    random: () => 1,
    after(ms, run) {
      const timer = { at: now + ms, run, isOff: false }
      timers.push(timer)
      return () => {
        timer.isOff = true
      }
    },
  })
})

const state = () => reports.at(-1)!.state

describe('the console socket', () => {
  it('is open once the desk has said welcome, and not before', () => {
    socket.start()
    expect(state()).toBe('connecting')
    expect(socket.send({ v: 1, t: 'ping', d: {} })).toBe(false)

    wires[0]!.says(welcome)

    expect(state()).toBe('open')
    expect(socket.send({ v: 1, t: 'ping', d: {} })).toBe(true)
    expect(frames.map((frame) => frame.t)).toEqual(['welcome'])
  })

  it('reconnects by itself, waiting longer after each failure', () => {
    socket.start()
    wires[0]!.says(welcome)
    wires[0]!.breaks()
    expect(reports.at(-1)).toEqual({ state: 'waiting', retryAt: 500 })

    pass(500)
    expect(wires).toHaveLength(2)
    wires[1]!.breaks()
    expect(reports.at(-1)).toEqual({ state: 'waiting', retryAt: 500 + 1000 })

    pass(1000)
    wires[2]!.says(welcome)
    wires[2]!.breaks()
    expect(reports.at(-1)!.retryAt).toBe(1500 + 500)
  })

  it('takes silence for a broken line', () => {
    socket.start()
    wires[0]!.says(welcome)
    pass(14_000)
    wires[0]!.says({ v: 1, t: 'heartbeat', d: { heads: {} } })
    pass(14_000)
    expect(state()).toBe('open')

    pass(2_000)

    expect(wires[0]!.isClosed).toBe(true)
    expect(wires).toHaveLength(2)
  })

  it('stays away after another window took its place, until asked to start again', () => {
    socket.start()
    wires[0]!.says(welcome)
    wires[0]!.breaks(4409)
    pass(60_000)
    expect(state()).toBe('replaced')
    expect(wires).toHaveLength(1)

    socket.start()

    expect(wires).toHaveLength(2)
  })

  it('stays away when nobody is signed in', () => {
    socket.start()
    wires[0]!.breaks(4401)
    pass(60_000)

    expect(state()).toBe('signed_out')
    expect(wires).toHaveLength(1)
  })

  it('tries at once when the network comes back', () => {
    socket.start()
    wires[0]!.breaks()
    socket.retryNow()
    expect(wires).toHaveLength(2)

    wires[1]!.says(welcome)
    expect(state()).toBe('open')
    pass(400)
    expect(wires).toHaveLength(2)
  })

  it('ignores what an abandoned line still says, and nonsense', () => {
    socket.start()
    const first = wires[0]!
    first.says(welcome)
    const late = first.onmessage
    first.breaks()
    socket.retryNow()
    late?.({ data: JSON.stringify(welcome) })
    wires[1]!.onmessage?.({ data: '{nonsense' })
    wires[1]!.onmessage?.({ data: new ArrayBuffer(1) })

    expect(state()).toBe('connecting')
    expect(frames).toHaveLength(1)
  })

  it('stops for good when told to', () => {
    socket.start()
    wires[0]!.says(welcome)
    socket.stop()
    pass(60_000)

    expect(wires).toHaveLength(1)
    expect(wires[0]!.isClosed).toBe(true)
  })
})
