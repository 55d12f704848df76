/** The browser's stores. A frame without the right to them (blocked third-party storage) remembers until it is closed. */

const memory = new Map<string, string>();
const PREFIX = "jieli:";

function attempt<T>(use: () => T, otherwise: T): T {
  try {
    return use();
  } catch {
    return otherwise;
  }
}

const area = (lasting: boolean): Storage => (lasting ? localStorage : sessionStorage);

export function recall(key: string, lasting = true): string | null {
  return attempt(() => area(lasting).getItem(PREFIX + key), null) ?? memory.get(key) ?? null;
}

export function remember(key: string, value: string, lasting = true): void {
  memory.set(key, value);
  attempt(() => area(lasting).setItem(PREFIX + key, value), undefined);
}

export function forget(key: string, lasting = true): void {
  memory.delete(key);
  attempt(() => area(lasting).removeItem(PREFIX + key), undefined);
}

export function keysUnder(prefix: string): string[] {
  const stored = attempt(() => Object.keys(localStorage), []).filter((key) => key.startsWith(PREFIX));
  const keys = [...stored.map((key) => key.slice(PREFIX.length)), ...memory.keys()];
  return [...new Set(keys)].filter((key) => key.startsWith(prefix));
}
