// @vitest-environment happy-dom
import { beforeEach, expect, test, vi } from "vitest";

const DESK = "https://desk.example";
type CS = ((...call: unknown[]) => void) & { q?: unknown[][] };
const page = window as unknown as { CS?: CS };

async function load(queued: unknown[][] = []) {
  vi.resetModules();
  document.body.innerHTML = "";
  const tag = document.createElement("script");
  Object.defineProperty(tag, "src", { value: `${DESK}/widget/loader.js` });
  Object.assign(tag.dataset, { app: "demo", lang: "zh-CN", color: "#C2410C", token: "jwt" });
  Object.defineProperty(document, "currentScript", { value: tag, configurable: true });
  page.CS = Object.assign(() => {}, { q: queued });
  await import("../src/loader/loader");
}

const bubble = () => document.querySelector<HTMLButtonElement>("#jieli-bubble")!;
const frame = () => document.querySelector("iframe");
/** What the chat in the frame says, or somebody who pretends to be it. */
const say = (data: object, origin = DESK, source: unknown = frame()?.contentWindow) =>
  window.dispatchEvent(Object.assign(new MessageEvent("message", { data: { jieli: 1, ...data }, origin }), {}, source ? { source } : {}));

beforeEach(() => {
  localStorage.clear();
});

test("a page view costs no iframe until the customer opens the chat", async () => {
  await load();
  expect(frame()).toBeNull();

  bubble().click();
  const address = new URL(frame()!.src);
  expect(address.origin + address.pathname).toBe(`${DESK}/chat`);
  expect(address.searchParams.get("host")).toBe(location.origin);
  expect(frame()!.style.display).toBe("block");
  expect(bubble().getAttribute("aria-expanded")).toBe("true");
});

test("the shopper's token never stands in an address", async () => {
  await load();
  bubble().click();

  expect(frame()!.src).not.toContain("jwt");
});

test("calls made before the loader arrived are replayed", async () => {
  const unread = vi.fn();
  await load([["on", "unread", unread], ["open"]]);
  expect(frame()!.style.display).toBe("block");

  say({ t: "unread", count: 3 });
  expect(unread).toHaveBeenCalledWith(3);
  expect(bubble().getAttribute("aria-label")).toContain("3");
});

test("only the chat's own frame and origin are listened to", async () => {
  const unread = vi.fn();
  await load([["on", "unread", unread], ["open"]]);

  say({ t: "unread", count: 9 }, "https://evil.example");
  say({ t: "unread", count: 9 }, DESK, window);
  expect(unread).not.toHaveBeenCalled();
});

test("a frame loaded ahead for a known customer stays out of sight", async () => {
  vi.useFakeTimers();
  localStorage.setItem("jieli:demo", "");
  await load();
  await vi.advanceTimersByTimeAsync(2000);
  vi.useRealTimers();

  expect(frame()!.style.display).toBe("none");
});
