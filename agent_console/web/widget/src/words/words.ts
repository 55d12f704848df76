/** The words of one language. Chinese comes in two parts so that the first screen is light; any other language whole. */
import { first } from "./zh";
import type { rest } from "./zh_rest";

export type Words = typeof first & typeof rest;

export interface Language {
  /** Enough for the first screen; complete once `complete` has settled. */
  words: Words;
  complete: Promise<unknown>;
}

export async function language(lang: string): Promise<Language> {
  if (/^en\b/i.test(lang)) return { words: (await import("./en")).en, complete: Promise.resolve() };
  const words = { ...first } as Words;
  return { words, complete: import("./zh_rest").then(({ rest }) => Object.assign(words, rest)) };
}
