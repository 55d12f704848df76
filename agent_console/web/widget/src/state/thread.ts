/** What the log looks like to the customer: the rows of the chat, in order, from events and unsettled echoes. */
import type { Author, Body, LogEvent } from "../protocol";
import { AWAY, type Chat, type Earlier } from "./chat";
import type { Pending } from "./outbox";

export type Row =
  | { type: "time"; key: string; at: string }
  | { type: "system"; key: string; seq: number | null; code: string; text: string }
  | {
      type: "message";
      /** The same for an echo and the event that replaces it, so the element on the page stays where it is. */
      key: string;
      seq: number | null;
      author: Author;
      body: Body;
      /** First of a run by one author: shows name and picture. */
      lead: boolean;
      pending: Pending | null;
      helpful: boolean | null;
      /** Of an earlier conversation: readable, but not to be judged or answered any more. */
      past: boolean;
    }
  | { type: "divider"; key: string; at: string };

/** A time line appears after this much silence. */
const QUIET_MS = 5 * 60_000;

/** Log entries that speak for themselves carry a sentence; these codes are worded by the view. */
/** What a customer need not be told a second time: whatever was promised is answered by now. */
const SILENT = new Set(["hidden", "note", "feedback", "recalled", "promise_kept", "promise_passed_on", "understood", "suppressed"]);
const WORDED = new Set(["waiting_cancelled", "reopened", "rated"]);

export function thread(chat: Chat): Row[] {
  const rows = chat.earlier.flatMap((past) => pastRows(past));
  if (chat.earlier.length) rows.push({ type: "divider", key: "now", at: chat.conversation?.opened_at ?? "" });
  rows.push(...eventRows(chat.log.events, chat.feedback, false));
  appendPending(rows, chat);
  return lead(rows);
}

const pastRows = (past: Earlier): Row[] => [
  { type: "divider", key: past.id, at: past.opened_at },
  ...eventRows(past.events, {}, true),
];

function eventRows(events: readonly LogEvent[], feedback: Chat["feedback"], past: boolean): Row[] {
  const rows: Row[] = [];
  const recalled = new Map<number, LogEvent>();
  const helpful = new Map<number, boolean>();
  for (const event of events) {
    if (event.kind === "recalled") recalled.set(event.body?.seq as number, event);
    if (event.kind === "feedback") helpful.set(event.body?.seq as number, !!event.body?.helpful);
  }
  let last = "";
  for (const event of events) {
    const row = rowOf(event, recalled.has(event.seq));
    // The notice that nobody is there names the promise already.
    const before = rows.at(-1);
    const isToldAlready = event.kind === "promise_made" && before?.type === "system" && AWAY.has(before.code);
    if (!row || isToldAlready) continue;
    if (event.at && Date.parse(event.at) - (Date.parse(last) || 0) > QUIET_MS)
      rows.push({ type: "time", key: `time-${event.conversation_id}-${event.seq}`, at: event.at });
    last = event.at ?? last;
    if (row.type === "message") {
      row.helpful = feedback[event.seq] ?? helpful.get(event.seq) ?? null;
      row.past = past;
    }
    rows.push(row);
  }
  return rows;
}

function rowOf(event: LogEvent, recalled: boolean): Row | null {
  const { kind, seq, author, body } = event;
  const key = event.client_msg_id || event.id || `${event.conversation_id}-${seq}`;
  if (kind === "message" && author && !recalled && body?.type)
    return {
      type: "message",
      key,
      seq,
      author,
      body: body as unknown as Body,
      lead: true,
      pending: null,
      helpful: null,
      past: false,
    };
  if (kind === "message") return { type: "system", key, seq, code: "recalled", text: "" };
  const text = String(body?.sentence ?? body?.text ?? "");
  // Which message was recalled shows in its own place; the recall itself needs no second line.
  if (SILENT.has(kind)) return null;
  if (WORDED.has(kind)) return { type: "system", key, seq, code: kind, text: "" };
  return text ? { type: "system", key, seq, code: String(body?.code ?? kind), text } : null;
}

function appendPending(rows: Row[], chat: Chat) {
  const me: Author = { role: "customer" };
  for (const pending of chat.outbox)
    rows.push({
      type: "message",
      key: pending.id,
      seq: pending.seq ?? null,
      author: me,
      body: pending.body,
      lead: true,
      pending,
      helpful: null,
      past: false,
    });
}

function lead(rows: Row[]): Row[] {
  let before: Row | undefined;
  for (const row of rows) {
    if (row.type === "message" && before?.type === "message")
      row.lead = before.author.role !== row.author.role || before.author.id !== row.author.id;
    // A customer's echo has no author id yet; it must not break the run of his own messages.
    if (row.type === "message" && row.author.role === "customer" && before?.type === "message")
      row.lead = before.author.role !== "customer";
    before = row;
  }
  return rows;
}

/** The conversation is over and not judged yet. */
export const awaitsRating = (chat: Chat): boolean =>
  chat.conversation?.holder === "nobody" && !chat.rated && !chat.outbox.some((pending) => pending.state === "sending");

/** The bot owes an answer: the customer's words are the last, and the bot has the conversation. */
export function botOwesAnswer(chat: Chat): boolean {
  if (chat.conversation?.holder !== "bot") return false;
  const last = chat.log.events.findLast(({ kind }) => kind === "message" || kind === "notice" || kind === "suppressed");
  return last?.kind === "message" && last.author?.role === "customer";
}

/** The customer's newest stored message: only this one carries 已送达 or 已读. */
export const lastOwnSeq = (chat: Chat): number =>
  chat.log.events.findLast(({ kind, author }) => kind === "message" && author?.role === "customer")?.seq ?? 0;
