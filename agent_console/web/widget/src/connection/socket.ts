/** One socket that stays up: ticket, heartbeat watch, reconnect with backoff and jitter. */
import type { Frame } from "../protocol";
import { backoffMs } from "./backoff";

/** No frame for this many heartbeats means that the line is dead although it looks open. */
const MISSED_HEARTBEATS = 3;
const DEFAULT_HEARTBEAT_SECONDS = 5;
/** A socket that has not greeted by then is given up. */
const WELCOME_TIMEOUT_MS = 8000;

export const CLOSED = { notSignedIn: 4401, notFound: 4404, replaced: 4409 };

export interface SocketUse {
  /** The address with a fresh one-use ticket; a rejection counts as a failed attempt. */
  address(): Promise<string>;
  frame(frame: Frame): void;
  /** Greeted: frames may be sent. */
  up(): void;
  /** Closed or could not open; another attempt follows unless `code` is `CLOSED.replaced`. */
  down(code: number): void;
}

export interface SteadySocket {
  /** False when there is no open line. */
  send(t: string, d: object, c?: string, id?: string): boolean;
  isUp(): boolean;
  /** Connect now instead of waiting out the pause. */
  now(): void;
  /** Drop a line that stopped answering and connect anew. */
  renew(): void;
}

export function openSocket(use: SocketUse): SteadySocket {
  let socket: WebSocket | null = null;
  let up = false;
  let opening = false;
  let attempt = 0;
  let pause: ReturnType<typeof setTimeout> | undefined;
  let silence: ReturnType<typeof setTimeout> | undefined;
  let patienceMs = WELCOME_TIMEOUT_MS;

  async function connect() {
    if (socket || opening) return;
    clearTimeout(pause);
    opening = true;
    try {
      const address = await use.address();
      const mine = new WebSocket(address);
      socket = mine;
      patienceMs = WELCOME_TIMEOUT_MS;
      listenOn(mine);
      mine.onmessage = (message) => mine === socket && heard(String(message.data));
      mine.onclose = (event) => lost(mine, event.code);
    } catch {
      later();
      use.down(0);
    } finally {
      opening = false;
    }
  }

  function listenOn(mine: WebSocket) {
    clearTimeout(silence);
    silence = setTimeout(() => lost(mine, 0), patienceMs);
  }

  function heard(text: string) {
    if (!socket) return;
    const frame = JSON.parse(text) as Frame;
    if (frame.t === "welcome") {
      attempt = 0;
      up = true;
      patienceMs = (Number(frame.d.heartbeat_seconds) || DEFAULT_HEARTBEAT_SECONDS) * 1000 * MISSED_HEARTBEATS;
      use.up();
    }
    listenOn(socket);
    use.frame(frame);
  }

  /** A dead line may never report its close, so the first sign of the end counts and later ones are ignored. */
  function lost(mine: WebSocket, code: number) {
    if (mine !== socket) return;
    socket = null;
    up = false;
    clearTimeout(silence);
    mine.close();
    if (code !== CLOSED.replaced) later();
    use.down(code);
  }

  function later() {
    clearTimeout(pause);
    pause = setTimeout(() => void connect(), backoffMs(attempt++, Math.random()));
  }

  void connect();
  return {
    isUp: () => up,
    send(t, d, c, id) {
      if (!up || socket?.readyState !== WebSocket.OPEN) return false;
      socket.send(JSON.stringify({ v: 1, t, d, ...(c && { c }), ...(id && { id }) }));
      return true;
    },
    now: () => void connect(),
    renew() {
      if (socket) lost(socket, 0);
      void connect();
    },
  };
}
