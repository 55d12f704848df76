/** What the desk has promised this customer and not yet kept, as the log tells it. */
import type { LogEvent } from "../protocol";

export interface OpenPromise {
  id: string;
  text: string;
  dueAt: string | null;
  isCall: boolean;
}

export function openPromises(events: readonly LogEvent[]): OpenPromise[] {
  const open = new Map<string, OpenPromise>();
  for (const { kind, body } of events) {
    const id = String(body?.promise_id ?? "");
    if (kind === "promise_kept" || kind === "promise_withdrawn") open.delete(id);
    else if (kind === "promise_made" && body?.text) {
      // The desk's own words name the time themselves; an agent's may not.
      const due = /\d{1,2}:\d{2}/.test(String(body.text)) ? null : (body.due_at as string | undefined);
      open.set(id, { id, text: String(body.text), dueAt: due ?? null, isCall: body.kind === "call_back" });
    }
  }
  return [...open.values()];
}
