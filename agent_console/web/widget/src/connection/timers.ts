/** Timers by name: setting one again replaces it. */

export interface Timers {
  (name: string, ms: number, act: () => void): void;
  stop(name: string): void;
}

export function createTimers(): Timers {
  const running = new Map<string, ReturnType<typeof setTimeout>>();
  const stop = (name: string) => clearTimeout(running.get(name));
  const start = (name: string, ms: number, act: () => void) => {
    stop(name);
    running.set(name, setTimeout(act, ms));
  };
  return Object.assign(start, { stop });
}
