/** The browser's stores. A frame that is denied them (blocked third-party storage) has the page around keep things. */

/** Lasting things outlive the tab, the others end with it. */
const memory = { lasting: new Map<string, string>(), tab: new Map<string, string>() };
const PREFIX = "jieli:";
/** A picture that waits to be sent is too much to hand around at every change. */
const LARGEST_KEPT = 20_000;

let keeper: ((all: string) => void) | null = null;

function attempt<T>(use: () => T, otherwise: T): T {
  try {
    return use();
  } catch {
    return otherwise;
  }
}

const area = (lasting: boolean): Storage => (lasting ? localStorage : sessionStorage);
const mapOf = (lasting: boolean) => (lasting ? memory.lasting : memory.tab);

/** Starts from what the page around has kept, and hands it every change; does nothing where storage works. */
export function keepOutside(kept: string | null, keep: (all: string) => void): void {
  if (attempt(() => !!localStorage, false)) return;
  const entries = attempt(() => JSON.parse(kept || "[]") as [string, string][], []);
  for (const [key, value] of entries) memory.lasting.set(key, value);
  keeper = keep;
}

function changed(lasting: boolean) {
  if (lasting) keeper?.(JSON.stringify([...memory.lasting].filter(([, value]) => value.length < LARGEST_KEPT)));
}

export function recall(key: string, lasting = true): string | null {
  return attempt(() => area(lasting).getItem(PREFIX + key), null) ?? mapOf(lasting).get(key) ?? null;
}

export function remember(key: string, value: string, lasting = true): void {
  mapOf(lasting).set(key, value);
  attempt(() => area(lasting).setItem(PREFIX + key, value), undefined);
  changed(lasting);
}

export function forget(key: string, lasting = true): void {
  mapOf(lasting).delete(key);
  attempt(() => area(lasting).removeItem(PREFIX + key), undefined);
  changed(lasting);
}

/** Of the lasting things. */
export function keysUnder(prefix: string): string[] {
  const stored = attempt(() => Object.keys(localStorage), []).filter((key) => key.startsWith(PREFIX));
  const keys = [...stored.map((key) => key.slice(PREFIX.length)), ...memory.lasting.keys()];
  return [...new Set(keys)].filter((key) => key.startsWith(prefix));
}
