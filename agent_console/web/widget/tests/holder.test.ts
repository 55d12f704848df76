import { expect, test } from "vitest";
import type { LogEvent } from "../src/protocol";
import { holderOf, unread } from "../src/state/chat";
import { awaitsRating, botOwesAnswer, thread } from "../src/state/thread";
import { begun, conversation, event, events, fromBot, fromCustomer, hidden, play } from "./samples";

const agent = { id: "a1", name: "晓琳" };
const claimed = (seq: number) => event(seq, "claimed", { body: { agent, sentence: "晓琳 已接入" } });
const closed = (seq: number) => event(seq, "closed", { body: { sentence: "本次服务已结束" } });
const handedOver = (seq: number) => event(seq, "handed_over", { body: { sentence: "正在为您转接人工客服" } });

test("who speaks follows from the log alone", () => {
  let chat = begun();
  const seen = [handedOver(1), claimed(2), closed(3), event(4, "reopened")].map((next) => {
    chat = play(chat, events(next));
    return [holderOf(chat), chat.conversation?.agent?.name ?? null];
  });

  expect(seen).toEqual([
    ["queue", null],
    ["agent", "晓琳"],
    ["nobody", null],
    ["bot", null],
  ]);
});

test("old events that arrive after a reload do not turn the holder back", () => {
  const chat = play(begun({ holder: "agent:a1", agent, head_seq: 3, holder_version: 3 }), events(handedOver(1), hidden(2), claimed(3)));

  expect(holderOf(chat)).toBe("agent");
});

test("an older word about the holder does not replace a newer one", () => {
  const chat = play(begun(), { t: "conversation", conversation: conversation({ holder: "queue", holder_version: 3 }) });

  expect(holderOf(play(chat, { t: "conversation", conversation: conversation({ holder_version: 2 }) }))).toBe("queue");
});

test("leaving the queue forgets the place in it", () => {
  const waiting = play(begun(), events(handedOver(1)), { t: "waiting", waiting: { position: 3, estimate_seconds: null } });
  expect(waiting.waiting?.position).toBe(3);

  expect(play(waiting, events(event(2, "waiting_cancelled"))).waiting).toBeNull();
});

test("asking for a person ends when the log says that it happened", () => {
  const chat = play(begun(), { t: "asking", asking: true }, events(handedOver(1)));

  expect(chat.asking).toBe(false);
});

test("the end asks for a rating once, and a second end asks again", () => {
  const over = play(begun(), events(closed(1)));
  expect(awaitsRating(over)).toBe(true);

  const rated = play(over, events(event(2, "rated", { body: { solved: true } })));
  expect(awaitsRating(rated)).toBe(false);

  expect(awaitsRating(play(rated, events(event(3, "reopened"), closed(4))))).toBe(true);
});

test("the bot is shown as typing while it owes an answer, and not when a person has taken over", () => {
  const asked = play(begun(), events(fromCustomer(1, "m1"), hidden(2)));
  expect(botOwesAnswer(asked)).toBe(true);

  expect(botOwesAnswer(play(asked, events(fromBot(3))))).toBe(false);
  expect(botOwesAnswer(play(asked, events(claimed(3))))).toBe(false);
});

test("a recalled message gives way to a line that says so, in its place", () => {
  const chat = play(begun(), events(fromBot(1), fromBot(2, "发错了"), event(3, "recalled", { body: { seq: 2 } }), fromBot(4)));

  const rows = thread(chat).filter((row) => row.type !== "time");
  expect(rows.map((row) => (row.type === "system" ? row.code : "message"))).toEqual(["message", "recalled", "message"]);
  expect(JSON.stringify(rows)).not.toContain("发错了");
});

test("hidden events, notes and verdicts make no line", () => {
  const chat = play(begun(), events(hidden(1), event(2, "feedback", { body: { seq: 1, helpful: true } })));

  expect(thread(chat)).toEqual([]);
});

test("a verdict is remembered over a reload because the log has it", () => {
  const chat = play(begun(), events(fromBot(1), event(2, "feedback", { body: { seq: 1, helpful: false } })));

  expect(thread(chat).find((row) => row.type === "message")).toMatchObject({ helpful: false });
});

test("a promise is told once, and its keeping needs no line because the answer is there", () => {
  const notice = event(1, "notice", { body: { code: "nobody_online", text: "我们会在 11月23日 07:40 前回复您。" } });
  const made = event(2, "promise_made", { body: { promise_id: "p1", text: "在 11月23日 07:40 前回复您的留言" } });
  const kept = event(3, "promise_kept", { body: { promise_id: "p1", text: "在 11月23日 07:40 前回复您的留言" } });

  const lines = (...list: LogEvent[]) => thread(play(begun(), events(...list))).filter(({ type }) => type === "system").length;
  expect(lines(notice, made, kept)).toBe(1);
  expect(lines({ ...made, seq: 1 })).toBe(1);
});

test("an estimate means that somebody serves the queue again", () => {
  const notice = event(1, "notice", { body: { code: "nobody_online", text: "现在没有客服在线" } });
  const away = play(begun(), events(notice), { t: "waiting", waiting: { position: 1, estimate_seconds: null } });
  expect(away.away).toBe(true);

  const served = { position: 1, estimate_seconds: { low: 30, high: 60 } };
  expect(play(away, { t: "waiting", waiting: served }).away).toBe(false);
});

test("unread counts what the desk said since the customer last looked, not his own words", () => {
  const chat = play(begun(), events(fromBot(1), fromCustomer(2, "m1"), hidden(3), fromBot(4)));
  expect(unread(chat)).toBe(2);

  expect(unread(play(chat, { t: "seen", seq: 1 }))).toBe(1);
  expect(unread(play(chat, { t: "seen", seq: 4 }, { t: "seen", seq: 2 }))).toBe(0);
});
