import { afterEach, beforeEach, expect, test, vi } from "vitest";

const denied = () => {
  throw new Error("Access is denied for this document.");
};

beforeEach(() => {
  vi.resetModules();
});
afterEach(() => {
  vi.unstubAllGlobals();
});

async function deniedFrame(kept: string | null) {
  const stores = { localStorage: { get: denied }, sessionStorage: { get: denied } };
  vi.stubGlobal("localStorage", undefined);
  Object.defineProperties(globalThis, { localStorage: { ...stores.localStorage, configurable: true } });
  const storage = await import("../src/connection/storage");
  const outside: string[] = [];
  storage.keepOutside(kept, (all) => outside.push(all));
  return { ...storage, outside };
}

test("a frame without storage finds again what the page around kept", async () => {
  const first = await deniedFrame(null);
  first.remember("visitor:demo:guest", "proof");
  first.remember("out:c1:m1", "{}");
  first.forget("out:c1:m1");

  vi.resetModules();
  const second = await deniedFrame(first.outside.at(-1)!);
  expect(second.recall("visitor:demo:guest")).toBe("proof");
  expect(second.keysUnder("out:")).toEqual([]);
});

test("a member's proof and large pictures are never handed to the page around", async () => {
  const frame = await deniedFrame(null);
  frame.remember("visitor:demo:member", "secret", false);
  frame.remember("out:c1:p1", "x".repeat(30_000));
  frame.remember("seen:c1", "4");

  expect(frame.outside.join()).not.toMatch(/secret|xxx/);
  expect(frame.recall("visitor:demo:member", false)).toBe("secret");
});

test("garbage kept by the page around is ignored", async () => {
  const frame = await deniedFrame("{not json");

  expect(frame.keysUnder("")).toEqual([]);
});
