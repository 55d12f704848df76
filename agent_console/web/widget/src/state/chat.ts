/** Everything the chat knows, and the one function that changes it: no page, no clock, no network. */
import type { Author, Body, Conversation, LogEvent, Past, Product, Question, Receipt, Session, Waiting } from "../protocol";
import { addEvents, addOlder, emptyLog, type Log } from "./log";
import * as outbox from "./outbox";

export type Line = "connecting" | "online" | "lost" | "offline";

export interface Earlier extends Past {
  events: readonly LogEvent[];
}

export interface Chat {
  session: Session | null;
  /** Why there is no session; shown with a button to try again. */
  broken: string | null;
  line: Line;
  conversation: Conversation | null;
  /** The seq at which the holder was last known for certain. */
  holderSeq: number;
  log: Log;
  head: number;
  outbox: outbox.Outbox;
  waiting: Waiting | null;
  /** Nobody is on duty: the desk's newest word about it, until a person is there after all. */
  away: boolean;
  /** A request for a person is under way. */
  asking: boolean;
  typing: Author | null;
  readByAgent: number;
  /** The newest seq the customer has had on screen. */
  seen: number;
  open: boolean;
  suggestions: readonly Question[];
  /** Verdicts not in the log yet. */
  feedback: Readonly<Record<number, boolean>>;
  rated: boolean;
  product: Product | null;
  /** Earlier conversations, oldest first; `history` says whether the server may have more. */
  earlier: readonly Earlier[];
  history: "unknown" | "loading" | "more" | "end";
  toast: string | null;
}

export const newChat: Chat = {
  session: null,
  broken: null,
  line: "connecting",
  conversation: null,
  holderSeq: 0,
  log: emptyLog(0),
  head: 0,
  outbox: [],
  waiting: null,
  away: false,
  asking: false,
  typing: null,
  readByAgent: 0,
  seen: 0,
  open: true,
  suggestions: [],
  feedback: {},
  rated: false,
  product: null,
  earlier: [],
  history: "unknown",
  toast: null,
};

/** A long conversation opens at its end; the customer scrolls up for the rest. */
export const FIRST_PAGE = 100;

export type Action =
  | { t: "session"; session: Session; outbox: outbox.Outbox; seen: number }
  | { t: "broken"; detail: string | null }
  | { t: "line"; line: Line }
  | { t: "events"; conversation: string; events: LogEvent[] }
  | { t: "older"; after: number; events: LogEvent[] }
  | { t: "head"; conversation: string; seq: number }
  | { t: "conversation"; conversation: Conversation }
  | { t: "waiting"; waiting: Waiting | null }
  | { t: "asking"; asking: boolean }
  | { t: "typing"; author: Author | null }
  | { t: "read"; role: string; seq: number }
  | { t: "seen"; seq: number }
  | { t: "open"; open: boolean }
  | { t: "send"; id: string; body: Body; at: string; file?: string }
  | { t: "uploaded"; id: string; body: Body }
  | { t: "ack"; receipt: Receipt }
  | { t: "refused"; id: string; detail: string }
  | { t: "unanswered"; id: string }
  | { t: "retry"; id?: string }
  | { t: "drop"; id: string }
  | { t: "suggestions"; suggestions: Question[] }
  | { t: "feedback"; seq: number; helpful: boolean | null }
  | { t: "rated" }
  | { t: "product"; product: Product | null }
  | { t: "history"; history: Chat["history"]; earlier?: Earlier[] }
  | { t: "toast"; text: string | null };

export function reduce(chat: Chat, action: Action): Chat {
  switch (action.t) {
    case "session":
      return begin(chat, action.session, action.outbox, action.seen);
    case "broken":
      return { ...chat, broken: action.detail };
    case "line":
      return { ...chat, line: action.line, typing: action.line === "online" ? chat.typing : null };
    case "events":
      return action.conversation === chat.conversation?.id ? take(chat, action.events) : chat;
    case "older":
      return { ...chat, log: addOlder(chat.log, action.after, action.events) };
    case "head":
      return action.conversation === chat.conversation?.id && action.seq > chat.head
        ? { ...chat, head: action.seq }
        : chat;
    case "conversation":
      return holderSaid(chat, action.conversation);
    case "waiting":
      // An estimate exists only where somebody serves the queue again.
      return { ...chat, waiting: action.waiting, away: chat.away && !action.waiting?.estimate_seconds };
    case "asking":
      return { ...chat, asking: action.asking };
    case "typing":
      return { ...chat, typing: action.author };
    case "read":
      return action.role === "agent" ? { ...chat, readByAgent: Math.max(chat.readByAgent, action.seq) } : chat;
    case "seen":
      return action.seq > chat.seen ? { ...chat, seen: action.seq } : chat;
    case "open":
      return { ...chat, open: action.open };
    case "send": {
      const { id, body, at, file } = action;
      const pending: outbox.Pending = { id, body, at, state: "sending", ...(file && { file }) };
      return { ...chat, outbox: outbox.enqueue(chat.outbox, pending), suggestions: [] };
    }
    case "uploaded":
      return { ...chat, outbox: outbox.uploaded(chat.outbox, action.id, action.body) };
    case "ack":
      // The event may have come before its receipt: then the echo has been replaced and must not come back.
      return {
        ...chat,
        outbox: outbox.settled(outbox.acknowledged(chat.outbox, action.receipt), chat.log),
        head: Math.max(chat.head, action.receipt.seq),
      };
    case "refused":
      return { ...chat, outbox: outbox.refused(chat.outbox, action.id, action.detail) };
    case "unanswered":
      return { ...chat, outbox: outbox.unanswered(chat.outbox, action.id) };
    case "retry":
      return { ...chat, outbox: outbox.retried(chat.outbox, action.id) };
    case "drop":
      return { ...chat, outbox: outbox.dropped(chat.outbox, action.id) };
    case "suggestions":
      return { ...chat, suggestions: action.suggestions };
    case "feedback": {
      const { [action.seq]: _old, ...feedback } = chat.feedback;
      return { ...chat, feedback: action.helpful === null ? feedback : { ...feedback, [action.seq]: action.helpful } };
    }
    case "rated":
      return { ...chat, rated: true };
    case "product":
      return { ...chat, product: action.product };
    case "history":
      return { ...chat, history: action.history, earlier: [...(action.earlier ?? []), ...chat.earlier] };
    case "toast":
      return { ...chat, toast: action.text };
  }
}

/** The same conversation keeps what is on screen (a renewed session is not a reload); another one starts afresh. */
function begin(chat: Chat, session: Session, kept: outbox.Outbox, seen: number): Chat {
  const { conversation } = session;
  const same = chat.conversation?.id === conversation.id;
  const renewed: Chat = { ...chat, session, broken: null, head: Math.max(same ? chat.head : 0, conversation.head_seq) };
  if (same) return holderSaid(renewed, conversation);
  return {
    ...renewed,
    conversation,
    holderSeq: conversation.head_seq,
    log: emptyLog(Math.max(0, conversation.head_seq - FIRST_PAGE)),
    // What was written before there was this conversation belongs to it all the same.
    outbox: outbox.retried([...kept, ...chat.outbox.filter(({ state }) => state !== "delivered")]),
    seen,
    rated: conversation.rated,
    waiting: null,
    away: false,
    asking: false,
    readByAgent: 0,
    feedback: {},
    earlier: [],
    history: "unknown",
  };
}

function holderSaid(chat: Chat, said: Conversation): Chat {
  const known = chat.conversation;
  if (!known || known.id !== said.id || said.holder_version < known.holder_version) return chat;
  return {
    ...chat,
    conversation: said,
    holderSeq: Math.max(chat.holderSeq, said.head_seq),
    head: Math.max(chat.head, said.head_seq),
    rated: said.rated,
    waiting: said.holder === "queue" ? chat.waiting : null,
    asking: said.holder === "bot" || said.holder === "nobody" ? chat.asking : false,
  };
}

function take(chat: Chat, events: readonly LogEvent[]): Chat {
  const log = addEvents(chat.log, events);
  if (log === chat.log) return chat;
  const head = Math.max(chat.head, log.events.at(-1)?.seq ?? 0);
  let next: Chat = { ...chat, log, head, outbox: outbox.settled(chat.outbox, log) };
  for (const event of events) next = follow(next, event);
  return next;
}

/** Who speaks follows from the log too, so the screen is right even while only REST gets through. */
function follow(chat: Chat, event: LogEvent): Chat {
  const speaker = event.author?.role;
  const quiet = event.kind === "message" && speaker && speaker === chat.typing?.role ? { ...chat, typing: null } : chat;
  if (event.kind === "notice" && AWAY.has(String(event.body?.code))) return { ...quiet, away: true };
  return event.kind === "rated" ? { ...quiet, rated: true } : moved(quiet, event);
}

/** Notices after which the customer leaves a message instead of waiting, and what ends that. */
export const AWAY = new Set(["nobody_online", "outside_hours", "queue_full"]);
const BACK = new Set(["claimed", "returned_to_bot", "closed"]);

const HOLDER_AFTER: Record<string, Conversation["holder"]> = {
  handed_over: "queue",
  requeued: "queue",
  waiting_cancelled: "bot",
  returned_to_bot: "bot",
  reopened: "bot",
  closed: "nobody",
};

function moved(before: Chat, event: LogEvent): Chat {
  const chat = before.away && BACK.has(event.kind) ? { ...before, away: false } : before;
  if (event.seq <= chat.holderSeq || !chat.conversation) return chat;
  const agent = event.kind === "claimed" ? (event.body?.agent as Conversation["agent"]) : null;
  const holder = agent ? (`agent:${agent.id}` as const) : HOLDER_AFTER[event.kind];
  if (!holder) return chat;
  return {
    ...chat,
    holderSeq: event.seq,
    conversation: { ...chat.conversation, holder, agent, closed_at: holder === "nobody" ? (event.at ?? null) : null },
    // Every closing may be rated anew.
    rated: holder === "nobody" ? false : chat.rated,
    waiting: holder === "queue" ? chat.waiting : null,
    asking: false,
    typing: null,
  };
}

export const holderOf = (chat: Chat): "bot" | "queue" | "agent" | "nobody" => {
  const holder = chat.conversation?.holder ?? "bot";
  return holder.startsWith("agent:") ? "agent" : (holder as "bot" | "queue" | "nobody");
};

/** How many messages of the desk the customer has not had on screen. */
export const unread = (chat: Chat): number =>
  chat.log.events.filter(
    ({ seq, kind, author }) => seq > chat.seen && kind === "message" && (author?.role === "bot" || author?.role === "agent"),
  ).length;
