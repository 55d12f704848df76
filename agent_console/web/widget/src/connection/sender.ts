/** Brings the outbox to the desk: one message at a time, over the socket or else REST, the same id on every attempt. */
import type { Body, Frame, Receipt } from "../protocol";
import { nextToSend, SEND_TIMEOUT_MS, type Pending } from "../state/outbox";
import type { Store } from "../state/store";
import { toForm } from "./picture";
import { Refusal, type Rest } from "./rest";
import type { SteadySocket } from "./socket";

export interface Sender {
  /** Sends what waits. Called on every change of the outbox; does nothing while a message is under way. */
  flush(): void;
  /** An `ack` or `refused` frame. */
  answered(frame: Frame): void;
  /** The line is back: what the network had failed goes out again. */
  again(): void;
  /** The line is gone: nothing on it will be answered any more. */
  stop(): void;
}

export interface SenderUse {
  store: Store;
  rest: Rest;
  socket: () => SteadySocket | null;
  /** Sent without a socket: the log has to be fetched. */
  sentByRest: () => void;
  /** Nothing came back although the socket seems open. */
  silent: () => void;
  /** The conversation is not this customer's any more (he signed in elsewhere meanwhile): a new session is needed. */
  over: () => void;
}

/**
 * An order travels as its number: what it says comes from the shop, not from a browser. Of goods only what the desk
 * takes goes out; a shop's picture that it would refuse must not cost the customer the whole message.
 */
function onWire(body: Body): object {
  if (body.type === "order") return { type: body.type, order_no: body.order_no };
  if (body.type !== "product") return body;
  const { type, product_id, title, price, image } = body;
  return { type, product_id, title: title ?? "", price: price ?? null, image: image?.startsWith("https://") ? image : null };
}

/** Trouble of the desk's own, which may have passed in a moment. */
const PASSING = new Set(["storage_unavailable", "bug"]);
const PASSING_MS = 3000;

export function createSender({ store, rest, socket, sentByRest, silent, over }: SenderUse): Sender {
  let underWay: string | null = null;
  let patience: ReturnType<typeof setTimeout> | undefined;
  let pausedUntil = 0;
  const uploading = new Set<string>();

  function flush() {
    const chat = store.get();
    for (const pending of chat.outbox) if (pending.file && pending.state === "sending") void upload(pending);
    const next = nextToSend(chat.outbox);
    const conversation = chat.conversation?.id;
    if (underWay || !next || !conversation || Date.now() < pausedUntil) return;
    underWay = next.id;
    if (socket()?.send("say", { body: onWire(next.body) }, conversation, next.id))
      patience = setTimeout(() => {
        store.dispatch({ t: "unanswered", id: next.id });
        done();
        silent();
      }, SEND_TIMEOUT_MS);
    else void post(conversation, next);
  }

  async function post(conversation: string, pending: Pending) {
    try {
      const receipt = await rest<Receipt>("POST", `conversations/${conversation}/messages`, {
        client_msg_id: pending.id,
        body: onWire(pending.body),
      });
      store.dispatch({ t: "ack", receipt });
      sentByRest();
    } catch (trouble) {
      if (trouble instanceof Refusal) refuse(pending.id, trouble.code, trouble.detail, trouble.retryAfter);
      else store.dispatch({ t: "unanswered", id: pending.id });
    }
    if (underWay === pending.id) done();
  }

  function refuse(id: string, code: string, detail: string, retryAfter: number | null) {
    if (code === "too_many_requests") {
      pausedUntil = Date.now() + (retryAfter ?? 2) * 1000;
      setTimeout(flush, pausedUntil - Date.now() + 10);
      return;
    }
    if (code === "not_found" || code === "not_signed_in") {
      // Not the message's fault: it goes along to the conversation that the new session names.
      store.dispatch({ t: "unanswered", id });
      over();
    } else if (PASSING.has(code)) {
      store.dispatch({ t: "unanswered", id });
      setTimeout(again, PASSING_MS);
    } else store.dispatch({ t: "refused", id, detail });
  }

  function done() {
    clearTimeout(patience);
    underWay = null;
    flush();
  }

  async function upload(pending: Pending) {
    if (!pending.file || uploading.has(pending.id)) return;
    uploading.add(pending.id);
    try {
      const stored = await rest<Omit<Extract<Body, { type: "image" }>, "type">>("POST", "uploads", toForm(pending.file));
      const { upload_id, url, width, height } = stored;
      store.dispatch({ t: "uploaded", id: pending.id, body: { type: "image", upload_id, url, width, height } });
    } catch (trouble) {
      if (trouble instanceof Refusal) store.dispatch({ t: "refused", id: pending.id, detail: trouble.detail });
      else store.dispatch({ t: "unanswered", id: pending.id });
    }
    uploading.delete(pending.id);
  }

  function again() {
    store.dispatch({ t: "retry" });
    flush();
  }

  return {
    flush,
    again,
    answered({ t, id, d }) {
      if (t === "ack") store.dispatch({ t: "ack", receipt: { ...d, client_msg_id: id ?? d.client_msg_id } as Receipt });
      else if (id) refuse(id, String(d.code), String(d.detail), Number(d.retry_after) || null);
      if (id === underWay) done();
    },
    stop() {
      const id = underWay;
      clearTimeout(patience);
      underWay = null;
      if (id) store.dispatch({ t: "unanswered", id });
    },
  };
}
