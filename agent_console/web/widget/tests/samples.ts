/** Sessions and events as the desk sends them. */
import type { Body, Conversation, LogEvent, Session } from "../src/protocol";
import { newChat, reduce, type Action, type Chat } from "../src/state/chat";
import type { Outbox } from "../src/state/outbox";

export const conversation = (more: Partial<Conversation> = {}): Conversation => ({
  id: "c1",
  holder: "bot",
  holder_version: 1,
  agent: null,
  head_seq: 0,
  opened_at: "2026-01-05T08:00:00.000Z",
  closed_at: null,
  rated: false,
  ...more,
});

export const session = (more: Partial<Conversation> = {}): Session => ({
  customer: { id: "u1", name: null, level: null, guest: true },
  conversation: conversation(more),
  visitor: "proof",
  ticket: "t",
  socket_url: "/api/v1/widget/socket",
  greeting: "您好，我是智能客服机器人",
  hot_questions: [],
  app: { name: "示例店铺", color: null, logo: null },
});

export const event = (seq: number, kind: string, more: Partial<LogEvent> = {}): LogEvent => ({
  conversation_id: "c1",
  seq,
  id: `e${seq}`,
  kind,
  at: `2026-01-05T08:00:${String(seq % 60).padStart(2, "0")}.000Z`,
  author: { role: "system", id: "desk", name: "" },
  body: {},
  ...more,
});

export const fromCustomer = (seq: number, client_msg_id: string, text = "您好"): LogEvent =>
  event(seq, "message", { author: { role: "customer", id: "u1" }, client_msg_id, body: { type: "text", text } });

export const fromBot = (seq: number, text = "您好，请讲"): LogEvent =>
  event(seq, "message", { author: { role: "bot", id: "bot", name: "机器人" }, body: { type: "text", text } });

export const hidden = (seq: number): LogEvent => ({ conversation_id: "c1", seq, kind: "hidden" });

export const play = (chat: Chat, ...actions: Action[]): Chat => actions.reduce(reduce, chat);

export const begun = (more: Partial<Conversation> = {}, outbox: Outbox = []): Chat =>
  play(newChat, { t: "session", session: session(more), outbox, seen: 0 });

export const events = (...list: LogEvent[]): Action => ({ t: "events", conversation: "c1", events: list });

const text: Body = { type: "text", text: "您好" };
export const send = (id: string, body: Body = text): Action => ({ t: "send", id, body, at: "2026-01-05T08:00:00.000Z" });

export const ack = (id: string, seq: number, conflict = false): Action => ({
  t: "ack",
  receipt: { client_msg_id: id, message_id: `e${seq}`, seq, conflict },
});
