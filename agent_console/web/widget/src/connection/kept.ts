/** The outbox as it survives a reload: one stored item per message, so that two tabs do not overwrite each other. */
import type { Outbox, Pending } from "../state/outbox";
import { forget, keysUnder, recall, remember } from "./storage";

const folder = (conversation: string) => `out:${conversation}:`;

export function keptOutbox(conversation: string): Outbox {
  return keysUnder(folder(conversation))
    .flatMap((key): Pending[] => {
      try {
        return [JSON.parse(recall(key) ?? "") as Pending];
      } catch {
        return [];
      }
    })
    .sort((a, b) => (a.at < b.at ? -1 : 1));
}

export function keepOutbox(conversation: string, before: Outbox, after: Outbox): void {
  for (const pending of after)
    if (!before.includes(pending)) remember(folder(conversation) + pending.id, JSON.stringify(pending));
  for (const { id } of before) if (!after.some((pending) => pending.id === id)) forget(folder(conversation) + id);
}
