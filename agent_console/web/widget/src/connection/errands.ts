/** Carries out what the customer does: each errand ends in the log, or in a line that says it failed. */
import type { Actions, Rating } from "../actions";
import type { Body, Question } from "../protocol";
import { holderOf } from "../state/chat";
import type { Store } from "../state/store";
import type { Words } from "../words/words";
import { backoffMs } from "./backoff";
import { loadOlder } from "./history";
import { shrink } from "./picture";
import { Refusal, type Rest } from "./rest";
import type { SteadySocket } from "./socket";
import { createTimers } from "./timers";

const SUGGEST_AFTER_MS = 200;
const TYPING_EVERY_MS = 1200;
const TOAST_MS = 4000;
const ASK_ATTEMPTS = 3;

export interface ErrandUse {
  store: Store;
  rest: Rest;
  words: Words;
  socket: () => SteadySocket | null;
  /** Fetches the log where no socket brings it. */
  catchUp: () => void;
  reconnect: () => void;
  minimise: () => void;
}

const newId = (): string =>
  Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");

const wait = (ms: number) => new Promise((done) => setTimeout(done, ms));

const said = (trouble: unknown, otherwise: string) => (trouble instanceof Refusal ? trouble.detail : otherwise);

export function customerActions({ store, rest, words, socket, catchUp, reconnect, minimise }: ErrandUse): Actions {
  const after = createTimers();
  let draft = "";
  let typingTold = 0;
  const conversation = () => store.get().conversation?.id ?? "";
  const of = (path: string) => `conversations/${conversation()}/${path}`;
  const toast = (text: string) => {
    store.dispatch({ t: "toast", text });
    after("toast", TOAST_MS, () => store.dispatch({ t: "toast", text: null }));
  };

  async function suggest() {
    const asked = draft.trim();
    if (asked.length < 2 || holderOf(store.get()) !== "bot") return store.dispatch({ t: "suggestions", suggestions: [] });
    const path = `suggestions?q=${encodeURIComponent(asked)}`;
    const found = await rest<{ suggestions: Question[] }>("GET", path).catch(() => null);
    if (found && asked === draft.trim()) store.dispatch({ t: "suggestions", suggestions: found.suggestions.slice(0, 5) });
  }

  const send = (body: Body, file?: string) => {
    after.stop("suggest");
    draft = "";
    store.dispatch({ t: "send", id: newId(), body, at: new Date().toISOString(), ...(file && { file }) });
  };

  return {
    say: (body) => send(body),
    async sendPicture(file) {
      if (!file.type.startsWith("image/")) return toast(words.pictureKind);
      try {
        const { data, width, height } = await shrink(file);
        send({ type: "image", upload_id: "", url: data, width, height }, data);
      } catch {
        toast(words.pictureFailed);
      }
    },
    retry: (id) => store.dispatch({ t: "retry", id }),
    drop: (id) => store.dispatch({ t: "drop", id }),
    async askPerson() {
      if (store.get().asking) return;
      store.dispatch({ t: "asking", asking: true });
      const client_msg_id = newId();
      for (let attempt = 1; ; attempt++)
        try {
          await rest("POST", of("handoff"), { client_msg_id });
          return catchUp();
        } catch (trouble) {
          if (trouble instanceof Refusal || attempt === ASK_ATTEMPTS) {
            store.dispatch({ t: "asking", asking: false });
            return toast(said(trouble, words.askFailed));
          }
          await wait(backoffMs(attempt, Math.random()));
        }
    },
    cancelWaiting: () =>
      void rest("DELETE", of("handoff")).then(catchUp, (trouble) => toast(said(trouble, words.cancelFailed))),
    async callBack(phone) {
      try {
        await rest("POST", of("call-back"), phone ? { phone } : {});
      } catch (trouble) {
        toast(said(trouble, words.askFailed));
        return false;
      }
      catchUp();
      return true;
    },
    async judge(seq, helpful) {
      store.dispatch({ t: "feedback", seq, helpful });
      try {
        await rest("POST", of("feedback"), { seq, helpful });
      } catch {
        store.dispatch({ t: "feedback", seq, helpful: null });
        toast(words.feedbackFailed);
      }
    },
    async rate({ solved, stars, reasons, text }: Rating) {
      try {
        await rest("POST", of("rating"), { solved, ...(stars && { stars }), reasons, ...(text && { text }) });
      } catch (trouble) {
        if (!(trouble instanceof Refusal && trouble.code === "already_rated")) {
          toast(said(trouble, words.rateFailed));
          return false;
        }
      }
      store.dispatch({ t: "rated" });
      catchUp();
      return true;
    },
    typing(text) {
      draft = text;
      after("suggest", SUGGEST_AFTER_MS, () => void suggest());
      after("typing", Math.max(0, typingTold + TYPING_EVERY_MS - Date.now()), () => {
        typingTold = Date.now();
        if (holderOf(store.get()) !== "nobody") socket()?.send("typing", { text: draft }, conversation());
      });
    },
    seen: (seq) => store.dispatch({ t: "seen", seq }),
    older: () => void loadOlder(store, rest),
    dismissProduct: () => store.dispatch({ t: "product", product: null }),
    reconnect,
    minimise,
  };
}
