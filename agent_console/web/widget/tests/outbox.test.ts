import { expect, test } from "vitest";
import { nextToSend, type Pending } from "../src/state/outbox";
import { thread } from "../src/state/thread";
import { ack, begun, events, fromBot, fromCustomer, play, send } from "./samples";

const messages = (chat: ReturnType<typeof begun>) => thread(chat).filter((row) => row.type === "message");
const kept = (id: string, state: Pending["state"]): Pending => ({ id, body: { type: "text", text: id }, at: "2026", state });

test("a local echo becomes the real message in place, whatever comes first", () => {
  const echoed = play(begun(), send("m1"));
  const before = messages(echoed)[0]!;
  expect(before.pending?.state).toBe("sending");

  for (const chat of [
    play(echoed, ack("m1", 1), events(fromCustomer(1, "m1"))),
    play(echoed, events(fromCustomer(1, "m1")), ack("m1", 1)),
  ]) {
    const rows = messages(chat);
    expect(rows.map(({ key, seq, pending }) => [key, seq, pending])).toEqual([[before.key, 1, null]]);
    expect(chat.outbox).toEqual([]);
  }
});

test("between receipt and event the echo stays and counts as delivered", () => {
  const chat = play(begun(), send("m1"), ack("m1", 1));

  expect(messages(chat).map(({ pending }) => pending?.state)).toEqual(["delivered"]);
});

test("messages go out one at a time in the order they were written", () => {
  const chat = play(begun(), send("m1"), send("m2"));
  expect(nextToSend(chat.outbox)?.id).toBe("m1");

  expect(nextToSend(play(chat, ack("m1", 1)).outbox)?.id).toBe("m2");
});

test("a message the network failed waits for a tap or for the line to come back, with the same id", () => {
  const failed = play(begun(), send("m1"), { t: "unanswered", id: "m1" });
  expect(nextToSend(failed.outbox)).toBeUndefined();

  expect(nextToSend(play(failed, { t: "retry" }).outbox)?.id).toBe("m1");
  expect(nextToSend(play(failed, { t: "retry", id: "m1" }).outbox)?.id).toBe("m1");
});

test("a message the desk refused goes out again only when the customer says so", () => {
  const chat = play(begun(), send("m1"), { t: "refused", id: "m1", detail: "内容不能为空" });
  expect(nextToSend(play(chat, { t: "retry" }).outbox)).toBeUndefined();

  expect(nextToSend(play(chat, { t: "retry", id: "m1" }).outbox)?.id).toBe("m1");
  expect(play(chat, { t: "drop", id: "m1" }).outbox).toEqual([]);
});

test("a late timeout does not undo a receipt", () => {
  const chat = play(begun(), send("m1"), ack("m1", 1), { t: "unanswered", id: "m1" });

  expect(chat.outbox[0]?.state).toBe("delivered");
});

test("after a reload what was kept is sent again, and what the log has by now is not shown twice", () => {
  const chat = begun({ head_seq: 2 }, [kept("m1", "sending"), kept("m2", "failed")]);
  expect(nextToSend(chat.outbox)?.id).toBe("m1");

  const caughtUp = play(chat, events(fromCustomer(1, "m1"), fromBot(2)));
  expect(caughtUp.outbox.map(({ id }) => id)).toEqual(["m2"]);
  expect(messages(caughtUp).map(({ key }) => key)).toEqual(["m1", "e2", "m2"]);
});

test("a receipt from above the loaded part ends the echo, as its event will not come", () => {
  const chat = play(begun({ head_seq: 400 }, [kept("m1", "sending")]), ack("m1", 12));

  expect(chat.outbox).toEqual([]);
});

test("a conflict shows the message that was stored first, once", () => {
  const chat = play(begun(), events(fromCustomer(1, "other", "第一条")), send("m1"), ack("m1", 1, true));

  expect(messages(chat).map(({ body }) => (body as { text: string }).text)).toEqual(["第一条"]);
});

test("a picture is not sent before it is uploaded, and text may go ahead of it", () => {
  const picture = { type: "image", upload_id: "", url: "data:,", width: 1, height: 1 } as const;
  const chat = play(begun(), { t: "send", id: "p1", body: picture, at: "2026", file: "data:," }, send("m1"));
  expect(nextToSend(chat.outbox)?.id).toBe("m1");

  const up = play(chat, { t: "uploaded", id: "p1", body: { ...picture, upload_id: "u1" } });
  expect(nextToSend(up.outbox)?.id).toBe("p1");
  expect(up.outbox[0]).not.toHaveProperty("file");
});

test("words written before the chat was open are sent as soon as it is", () => {
  const early = play({ ...begun(), session: null, conversation: null }, send("m1"));
  const chat = play(early, { t: "session", session: begun().session!, outbox: [], seen: 0 });

  expect(nextToSend(chat.outbox)?.id).toBe("m1");
});

test("the same id is never queued twice", () => {
  expect(play(begun(), send("m1"), send("m1")).outbox).toHaveLength(1);
});
