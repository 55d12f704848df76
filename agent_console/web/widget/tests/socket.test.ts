import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { backoffMs } from "../src/connection/backoff";
import { CLOSED, openSocket, type SocketUse } from "../src/connection/socket";

class ScriptedSocket {
  static all: ScriptedSocket[] = [];
  static readonly OPEN = 1;
  readyState = 1;
  sent: string[] = [];
  onmessage: ((message: { data: string }) => void) | null = null;
  onclose: ((event: { code: number }) => void) | null = null;
  constructor(readonly address: string) {
    ScriptedSocket.all.push(this);
  }
  send(text: string) {
    this.sent.push(text);
  }
  close() {
    this.readyState = 3;
  }
  hears(frame: object) {
    this.onmessage?.({ data: JSON.stringify(frame) });
  }
  welcome() {
    this.hears({ v: 1, t: "welcome", d: { heartbeat_seconds: 5 } });
  }
}

let ups: number;
let downs: number[];
const use = (address: () => Promise<string> = async () => "ws://desk/?ticket=1"): SocketUse => ({
  address,
  frame: () => {},
  up: () => ups++,
  down: (code) => downs.push(code),
});
const latest = () => ScriptedSocket.all.at(-1)!;
const settle = () => vi.advanceTimersByTimeAsync(0);

beforeEach(() => {
  vi.useFakeTimers();
  vi.stubGlobal("WebSocket", ScriptedSocket);
  ScriptedSocket.all = [];
  ups = 0;
  downs = [];
});
afterEach(() => {
  vi.useRealTimers();
});

test("nothing is sent before the desk has greeted", async () => {
  const socket = openSocket(use());
  await settle();
  expect(socket.send("watch", {})).toBe(false);

  latest().welcome();
  expect(socket.send("say", { body: {} }, "c1", "m1")).toBe(true);
  expect(JSON.parse(latest().sent[0]!)).toEqual({ v: 1, t: "say", d: { body: {} }, c: "c1", id: "m1" });
});

test("a line that falls silent is given up and made anew, although it never closed", async () => {
  openSocket(use());
  await settle();
  latest().welcome();

  await vi.advanceTimersByTimeAsync(14_000);
  expect(downs).toEqual([]);
  await vi.advanceTimersByTimeAsync(2_000);
  expect(downs).toEqual([0]);
  await vi.advanceTimersByTimeAsync(1_000);
  expect(ScriptedSocket.all).toHaveLength(2);
});

test("heartbeats keep a quiet line alive", async () => {
  openSocket(use());
  await settle();
  latest().welcome();

  for (let beat = 0; beat < 20; beat++) {
    await vi.advanceTimersByTimeAsync(5_000);
    latest().hears({ v: 1, t: "heartbeat", d: { heads: {} } });
  }
  expect(downs).toEqual([]);
});

test("a refused ticket is an attempt that failed, and the next one follows", async () => {
  let asked = 0;
  openSocket(use(async () => (asked++ ? "ws://desk/" : Promise.reject(new Error("no")))));
  await settle();
  expect(downs).toEqual([0]);

  await vi.advanceTimersByTimeAsync(1_000);
  expect(ScriptedSocket.all).toHaveLength(1);
});

test("a window that was replaced does not fight for the line until the customer looks at it again", async () => {
  const socket = openSocket(use());
  await settle();
  latest().welcome();
  latest().onclose?.({ code: CLOSED.replaced });

  await vi.advanceTimersByTimeAsync(60_000);
  expect(ScriptedSocket.all).toHaveLength(1);
  socket.now();
  await settle();
  expect(ScriptedSocket.all).toHaveLength(2);
});

test("the late close of an abandoned line does not harm the new one", async () => {
  const socket = openSocket(use());
  await settle();
  const first = latest();
  first.welcome();
  socket.renew();
  await settle();
  latest().welcome();

  first.onclose?.({ code: 1006 });
  expect(socket.isUp()).toBe(true);
  expect(ups).toBe(2);
});

test("pauses double up to a limit and half of each is chance", () => {
  expect([0, 1, 2].map((attempt) => backoffMs(attempt, 1))).toEqual([500, 1000, 2000]);
  expect(backoffMs(40, 1)).toBe(20_000);
  expect(backoffMs(3, 0)).toBe(2000);
});
