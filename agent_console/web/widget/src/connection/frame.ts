/** Talks to the shop's page around the iframe: only with its parent, only with the origin named at the start. */
import type { Product } from "../protocol";

/** From the loader. `hello` opens the exchange and carries what must not stand in an address. */
export type FromPage =
  | {
      t: "hello";
      token?: string;
      kept?: string;
      page?: { url: string; title: string };
      product?: Product;
      open: boolean;
    }
  | { t: "open"; open: boolean }
  | { t: "product"; product: Product | null }
  | { t: "token"; token: string };

/** `keep`: browsers that deny a foreign frame all storage would make every page view a new guest; see storage. */
export type ToPage = { t: "ready" } | { t: "keep"; kept: string } | { t: "unread"; count: number } | { t: "close" };

export interface Page {
  tell(message: ToPage): void;
}

export function listenToPage(origin: string, heard: (message: FromPage) => void): Page {
  addEventListener("message", (event) => {
    if (event.source !== parent || event.origin !== origin) return;
    const message = event.data as { jieli?: 1 } & FromPage;
    if (message?.jieli) heard(message);
  });
  return { tell: (message) => parent.postMessage({ jieli: 1, ...message }, origin) };
}
