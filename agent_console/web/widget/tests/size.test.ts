import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { gzipSync } from "node:zlib";
import { build } from "vite";
import { beforeAll, expect, test } from "vitest";

interface Output {
  fileName: string;
  type: string;
  isEntry?: boolean;
  imports?: string[];
  code?: string;
  source?: string | Uint8Array;
}

const root = resolve(import.meta.dirname, "..");
let chat: Output[];
let loader: Output[];

async function built(config: string): Promise<Output[]> {
  const result = await build({ root, configFile: resolve(root, config), logLevel: "error", build: { write: false } });
  return (Array.isArray(result) ? result : [result]).flatMap((one) => ("output" in one ? (one.output as Output[]) : []));
}

beforeAll(async () => {
  chat = await built("vite.config.ts");
  loader = await built("vite.loader.config.ts");
}, 60_000);

const gzipped = ({ code, source }: Output) => gzipSync(code ?? source ?? "").length;
const total = (files: Output[]) => files.reduce((sum, file) => sum + gzipped(file), 0);
const isCode = ({ fileName }: Output) => /\.(js|css)$/.test(fileName);

test("the loader is at most 2 kB", () => {
  expect(loader).toHaveLength(1);
  expect(gzipped(loader[0]!)).toBeLessThanOrEqual(2048);
});

test("the first screen, where a customer reads the greeting and writes, is at most 15 kB", () => {
  const entry = chat.find((file) => file.isEntry)!;
  const page = String(chat.find((file) => file.fileName === "chat.html")!.source);
  const waitedFor = chat.filter(
    ({ fileName }) =>
      fileName === entry.fileName ||
      entry.imports?.includes(fileName) ||
      (fileName.endsWith(".css") && page.includes(fileName)),
  );

  expect(total(waitedFor)).toBeLessThanOrEqual(15 * 1024);
});

test("everything a customer ever loads is at most 30 kB", () => {
  const chinese = chat.filter((file) => isCode(file) && !file.fileName.includes("/en-"));

  expect(total(chinese)).toBeLessThanOrEqual(30 * 1024);
});

test("the page runs no inline script or style and asks no other host", () => {
  const page = String(chat.find((file) => file.fileName === "chat.html")!.source);

  expect(page).not.toMatch(/<script(?![^>]*\bsrc=)[^>]*>|<style|\son\w+=|https?:\/\//);
});

test("nobody's words are ever put in as HTML", () => {
  for (const { name, text } of sources()) expect(text, name).not.toMatch(/innerHTML|insertAdjacentHTML|document\.write/);
});

function sources() {
  // The loader's own drawing is a constant of ours.
  return ["view/Rich.tsx", "view/Message.tsx", "view/Thread.tsx", "view/cards.tsx", "view/Greeting.tsx"].map((name) => ({
    name,
    text: readFileSync(resolve(root, "src", name), "utf8"),
  }));
}
