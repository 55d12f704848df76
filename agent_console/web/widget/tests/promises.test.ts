import { expect, test } from "vitest";
import { openPromises } from "../src/state/promises";
import { moment } from "../src/view/time";
import type { Words } from "../src/words/words";
import { event } from "./samples";

const made = (seq: number, promise_id: string, more: Record<string, unknown> = {}) =>
  event(seq, "promise_made", { body: { promise_id, text: "今天给您回电话", due_at: "2026-01-05T10:00:00.000Z", ...more } });

test("a promise stands until it is kept", () => {
  const kept = event(3, "promise_kept", { body: { promise_id: "p1", text: "今天给您回电话" } });

  expect(openPromises([made(1, "p1"), made(2, "p2")]).map(({ id }) => id)).toEqual(["p1", "p2"]);
  expect(openPromises([made(1, "p1"), made(2, "p2"), kept]).map(({ id }) => id)).toEqual(["p2"]);
});

test("a promise that was withdrawn stands no more", () => {
  const withdrawn = event(2, "promise_withdrawn", { body: { promise_id: "p1", text: "今天给您回电话" } });

  expect(openPromises([made(1, "p1"), withdrawn])).toEqual([]);
});

test("the time stands beside a promise whose words do not name it", () => {
  const [call, answer] = openPromises([made(1, "p1", { kind: "call_back" }), made(2, "p2", { kind: "answer", text: "在 1月5日 18:00 前回复您的留言" })]);

  expect(call?.dueAt).toBe("2026-01-05T10:00:00.000Z");
  expect(answer?.dueAt).toBeNull();
});

test("a time of another day is told with its day", () => {
  const words = { yesterday: "昨天" } as Words;
  const now = new Date(2026, 0, 5, 12, 0);

  expect(moment(new Date(2026, 0, 5, 18, 0).toISOString(), now, "zh-CN", words)).toBe("18:00");
  expect(moment(new Date(2026, 0, 4, 18, 0).toISOString(), now, "zh-CN", words)).toBe("昨天 18:00");
  expect(moment(new Date(2026, 0, 6, 9, 0).toISOString(), now, "zh-CN", words)).toBe("1月6日 09:00");
});
