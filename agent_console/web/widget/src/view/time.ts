/** Times the way a chat shows them: only as much date as is needed. */
import type { Words } from "../words/words";

export function moment(at: string, now: Date, lang: string, words: Words): string {
  const then = new Date(at);
  if (Number.isNaN(then.getTime())) return "";
  const clock = then.toLocaleTimeString(lang, { hour: "2-digit", minute: "2-digit", hour12: false });
  const midnight = new Date(now).setHours(0, 0, 0, 0);
  if (then.getTime() >= midnight && then.getTime() < midnight + 86_400_000) return clock;
  if (then.getTime() < midnight && then.getTime() >= midnight - 86_400_000) return `${words.yesterday} ${clock}`;
  return `${day(at, now, lang)} ${clock}`;
}

export function day(at: string, now: Date, lang: string): string {
  const then = new Date(at);
  const year = then.getFullYear() !== now.getFullYear();
  return then.toLocaleDateString(lang, { month: "short", day: "numeric", ...(year && { year: "numeric" }) });
}
