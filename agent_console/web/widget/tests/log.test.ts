import { expect, test } from "vitest";
import { hasGap } from "../src/state/log";
import { begun, event, events, fromBot, fromCustomer, hidden, play } from "./samples";

const seqs = (chat: ReturnType<typeof begun>) => chat.log.events.map(({ seq }) => seq);

test("an event that comes twice is shown once", () => {
  const chat = play(begun(), events(fromBot(1)), events(fromBot(1)), events(fromBot(1), fromBot(2)));

  expect(seqs(chat)).toEqual([1, 2]);
});

test("seeing nothing new leaves the state as it is, so nothing is drawn again", () => {
  const chat = play(begun(), events(fromBot(1)));

  expect(play(chat, events(fromBot(1)))).toBe(chat);
});

test("events out of order are shown in the order of the log, and the gap is known until it is filled", () => {
  const early = play(begun(), events(fromBot(1)), events(fromBot(4)));

  expect(hasGap(early.log, early.head)).toBe(true);
  expect(early.log.upto).toBe(1);

  const mended = play(early, events(fromBot(3), fromBot(2)));
  expect(seqs(mended)).toEqual([1, 2, 3, 4]);
  expect(hasGap(mended.log, mended.head)).toBe(false);
});

test("stubs of staff events fill their places, so a client can prove that it has everything", () => {
  const chat = play(begun(), events(fromBot(1), hidden(2), hidden(3), fromBot(4)));

  expect(chat.log.upto).toBe(4);
  expect(hasGap(chat.log, 4)).toBe(false);
});

test("a heartbeat with a higher head reveals a lost push", () => {
  const chat = play(begun(), events(fromBot(1)), { t: "head", conversation: "c1", seq: 2 });

  expect(hasGap(chat.log, chat.head)).toBe(true);
});

test("events of another conversation are not mixed in", () => {
  const chat = play(begun(), { t: "events", conversation: "c2", events: [{ ...fromBot(1), conversation_id: "c2" }] });

  expect(seqs(chat)).toEqual([]);
});

test("a long conversation opens at its end and grows upwards without a hole", () => {
  const long = begun({ head_seq: 250 });
  expect(long.log.from).toBe(150);

  const tail = play(long, events(...Array.from({ length: 100 }, (_, index) => fromBot(151 + index))));
  const page = Array.from({ length: 100 }, (_, index) => fromBot(51 + index));
  const grown = play(tail, { t: "older", after: 50, events: page });
  expect([grown.log.from, grown.log.upto, grown.log.events.length]).toEqual([50, 250, 200]);

  const holed = play(tail, { t: "older", after: 50, events: page.slice(1) });
  expect(holed.log).toBe(tail.log);
});

test("a renewed session keeps what is on screen, another conversation starts afresh", () => {
  const chat = play(begun(), events(fromBot(1), fromCustomer(2, "a")));
  const renewed = play(chat, { t: "session", session: { ...chat.session!, visitor: "new" }, outbox: [], seen: 0 });
  expect(renewed.log).toBe(chat.log);

  const other = { ...chat.session!, conversation: { ...chat.conversation!, id: "c2" } };
  const moved = play(chat, { t: "session", session: other, outbox: [], seen: 0 });
  expect(moved.log.events).toEqual([]);
});

test("a notice that nobody is on duty holds until a person is there", () => {
  const away = play(begun(), events(event(1, "notice", { body: { code: "nobody_online", text: "现在没有客服在线" } })));
  expect(away.away).toBe(true);

  const agent = { id: "a1", name: "晓琳" };
  expect(play(away, events(event(2, "claimed", { body: { agent, sentence: "晓琳 已接入" } }))).away).toBe(false);
});
