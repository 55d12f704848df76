/** Fetches what lies above: first the rest of this conversation, then the ones before it, one at a time. */
import type { LogEvent, Past } from "../protocol";
import { FIRST_PAGE } from "../state/chat";
import type { Store } from "../state/store";
import type { Rest } from "./rest";

export interface EventPage {
  events: LogEvent[];
  head_seq: number;
  more: boolean;
}

export const PAGE = 200;

export async function loadOlder(store: Store, rest: Rest): Promise<void> {
  const { log, history, earlier, conversation } = store.get();
  if (!conversation || history === "loading" || history === "end") return;
  store.dispatch({ t: "history", history: "loading" });
  try {
    if (log.from > 0) {
      const start = Math.max(0, log.from - FIRST_PAGE);
      const path = `conversations/${conversation.id}/events?after=${start}&limit=${log.from - start}`;
      const page = await rest<EventPage>("GET", path);
      store.dispatch({ t: "older", after: start, events: page.events });
      return store.dispatch({ t: "history", history: "more" });
    }
    const before = (earlier[0] ?? conversation).opened_at;
    const list = await rest<{ conversations: Past[] }>("GET", `history?before=${encodeURIComponent(before)}`);
    const past = list.conversations.find(({ id }) => id !== conversation.id && !earlier.some((known) => known.id === id));
    if (!past) return store.dispatch({ t: "history", history: "end" });
    const events: LogEvent[] = [];
    for (let more = true; more; ) {
      const from = events.at(-1)?.seq ?? 0;
      const page = await rest<EventPage>("GET", `conversations/${past.id}/events?after=${from}&limit=${PAGE}`);
      events.push(...page.events);
      more = page.more && page.events.length > 0;
    }
    store.dispatch({ t: "history", history: "more", earlier: [{ ...past, events }] });
  } catch {
    store.dispatch({ t: "history", history: "unknown" });
  }
}
