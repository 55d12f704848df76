/** What the customer sent and the log does not show yet; kept over reloads so that nothing typed is lost. */
import type { Body, Receipt } from "../protocol";
import type { Log } from "./log";

/** Every send has an outcome on screen within this time (or says that it failed). */
export const SEND_TIMEOUT_MS = 5000;

export interface Pending {
  /** The `client_msg_id`: the same one is resent for ever, so the server can tell a repeat from a new message. */
  id: string;
  body: Body;
  at: string;
  /** `failed` by the network goes out again by itself on reconnect; `refused` waits for the customer. */
  state: "sending" | "failed" | "refused" | "delivered";
  detail?: string;
  seq?: number;
  /** An image that is not uploaded yet, as a data URL. */
  file?: string;
}

export type Outbox = readonly Pending[];

const change = (outbox: Outbox, id: string, patch: Partial<Pending>): Outbox =>
  outbox.map((pending) => (pending.id === id ? { ...pending, ...patch } : pending));

export const enqueue = (outbox: Outbox, pending: Pending): Outbox =>
  outbox.some(({ id }) => id === pending.id) ? outbox : [...outbox, pending];

export const uploaded = (outbox: Outbox, id: string, body: Body): Outbox =>
  outbox.map((pending) => {
    if (pending.id !== id) return pending;
    const { file: _done, ...rest } = pending;
    return { ...rest, body };
  });

/** Stored by the server. The echo stays until the log itself shows the message, which then takes its place. */
export const acknowledged = (outbox: Outbox, receipt: Receipt): Outbox =>
  change(outbox, receipt.client_msg_id, { state: "delivered", seq: receipt.seq });

export const refused = (outbox: Outbox, id: string, detail: string): Outbox =>
  outbox.map((pending) =>
    pending.id === id && pending.state !== "delivered" ? { ...pending, state: "refused", detail } : pending,
  );

export const unanswered = (outbox: Outbox, id: string): Outbox =>
  outbox.map((pending) => (pending.id === id && pending.state === "sending" ? { ...pending, state: "failed" } : pending));

/** Back to `sending`: one by the customer's tap, or (without id) all that the network had failed. */
export const retried = (outbox: Outbox, id?: string): Outbox =>
  outbox.map((pending) =>
    (id ? pending.id === id && pending.state !== "delivered" : pending.state === "failed")
      ? { ...pending, state: "sending" }
      : pending,
  );

export const dropped = (outbox: Outbox, id: string): Outbox => outbox.filter((pending) => pending.id !== id);

/**
 * Takes out what the log shows by now: by its id, by the seq of a receipt (a conflict shows another body), or because
 * it lies above what is loaded.
 */
export function settled(outbox: Outbox, log: Log): Outbox {
  const ids = new Set(log.events.map((event) => event.client_msg_id));
  const seqs = new Set(log.events.map((event) => event.seq));
  const left = outbox.filter(({ id, seq }) => !ids.has(id) && !(seq && (seq <= log.from || seqs.has(seq))));
  return left.length === outbox.length ? outbox : left;
}

/** The one message to put on the wire now. One at a time keeps the order the customer wrote in. */
export const nextToSend = (outbox: Outbox): Pending | undefined =>
  outbox.find((pending) => pending.state === "sending" && !pending.file);
