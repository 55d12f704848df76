/** Joins the chat's state to the desk: session, socket, catching up, and everything the customer does. */
import type { Actions, Rating } from "../actions";
import type { Author, Body, Conversation, Frame, LogEvent, Past, Product, Question, Session, Waiting } from "../protocol";
import { FIRST_PAGE, holderOf } from "../state/chat";
import { hasGap } from "../state/log";
import type { Store } from "../state/store";
import type { Words } from "../words";
import { backoffMs } from "./backoff";
import { keepOutbox, keptOutbox } from "./kept";
import { shrink } from "./picture";
import { Refusal, restFor } from "./rest";
import { createSender } from "./sender";
import { CLOSED, openSocket, type SteadySocket } from "./socket";
import { recall, remember } from "./storage";

export interface Visit {
  app: string;
  lang: string;
  token: string | null;
  page: { url: string; title: string; product_id?: string; order_no?: string };
  words: Words;
  /** Asks the page around to put the chat away; null when the chat is the page. */
  minimise: (() => void) | null;
}

export interface Desk {
  actions: Actions;
  showProduct(product: Product | null): void;
  signIn(token: string): void;
}

interface Page {
  events: LogEvent[];
  head_seq: number;
  more: boolean;
}

const SUGGEST_AFTER_MS = 200;
const TYPING_EVERY_MS = 1200;
const TYPING_SHOWN_MS = 6000;
const READ_AFTER_MS = 400;
const WAITING_EVERY_MS = 10_000;
const POLL_MS = 3000;
const TOAST_MS = 4000;
const ASKING_MS = 8000;
const ASK_ATTEMPTS = 3;
const PAGE = 200;

const newId = (): string =>
  Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");

const wait = (ms: number) => new Promise((done) => setTimeout(done, ms));

export function openDesk(store: Store, visit: Visit): Desk {
  const { words } = visit;
  let token = visit.token;
  let ticket: { url: string; ticket: string | null } | null = null;
  let socket: SteadySocket | null = null;
  /** A `watch` is being answered: heads ahead of us are on their way, not lost. */
  let watchingSince = 0;
  let timers: Record<string, ReturnType<typeof setTimeout>> = {};
  let waitingHeardAt = 0;
  let draft = "";

  // A member's proof ends with the tab; a guest's lasts, or coming back would mean starting over.
  const proofKey = () => `visitor:${visit.app}:${token ? "member" : "guest"}`;
  const rest = restFor(() => recall(proofKey(), !token));
  const after = (name: string, ms: number, act: () => void) => {
    clearTimeout(timers[name]);
    timers[name] = setTimeout(act, ms);
  };
  const toast = (text: string) => {
    store.dispatch({ t: "toast", text });
    after("toast", TOAST_MS, () => store.dispatch({ t: "toast", text: null }));
  };
  const conversation = () => store.get().conversation?.id ?? "";
  const of = (path: string) => `conversations/${conversation()}/${path}`;

  const sender = createSender({
    store,
    rest,
    socket: () => socket,
    sentByRest: () => void catchUp(),
    silent: () => socket?.renew(),
    over: () => void begin(0),
  });

  store.watch((now, before) => {
    const id = now.conversation?.id;
    if (id && now.outbox !== before.outbox) {
      if (id === before.conversation?.id) keepOutbox(id, before.outbox, now.outbox);
      queueMicrotask(sender.flush);
    }
    if (holderOf(now) === "queue" && holderOf(before) !== "queue") askWaiting();
    if (now.seen > before.seen) {
      remember(`seen:${id}`, String(now.seen));
      after("read", READ_AFTER_MS, tellRead);
    }
    if (now.asking && !before.asking) after("asking", ASKING_MS, () => store.dispatch({ t: "asking", asking: false }));
  });

  async function begin(attempt: number): Promise<void> {
    clearTimeout(timers.begin);
    try {
      const session = await rest<Session>("POST", "sessions", {
        app: visit.app,
        ...(token && { token }),
        locale: visit.lang,
        page: visit.page,
      });
      const { id } = session.conversation;
      remember(proofKey(), session.visitor, !token);
      ticket = { url: session.socket_url, ticket: session.ticket };
      const moved = id !== conversation();
      const seen = Number(recall(`seen:${id}`)) || 0;
      store.dispatch({ t: "session", session, outbox: keptOutbox(id), seen });
      if (holderOf(store.get()) === "queue") askWaiting();
      if (!socket) socket = connect();
      else if (moved) socket.renew();
      poll();
    } catch (trouble) {
      // A token that ran out must not keep a customer from asking: he goes on as a guest.
      if (trouble instanceof Refusal && trouble.code === "bad_token" && token) {
        token = null;
        return begin(attempt);
      }
      store.dispatch({ t: "broken", detail: trouble instanceof Refusal ? trouble.detail : words.broken });
      after("begin", backoffMs(attempt + 1, Math.random()), () => void begin(attempt + 1));
    }
  }

  function connect(): SteadySocket {
    return openSocket({
      async address() {
        const known = ticket;
        if (known?.ticket) ticket = { url: known.url, ticket: null };
        const fresh = known?.ticket ?? (await rest<{ ticket: string }>("POST", "tickets").catch(renewed)).ticket;
        const url = new URL(known?.url ?? "/api/v1/widget/socket", location.href);
        url.protocol = url.protocol.replace("http", "ws");
        url.searchParams.set("ticket", fresh);
        return url.href;
      },
      frame: heard,
      up() {
        store.dispatch({ t: "line", line: "online" });
        watch();
        sender.again();
      },
      down(code) {
        store.dispatch({ t: "line", line: navigator.onLine ? "lost" : "offline" });
        watchingSince = 0;
        sender.stop();
        if (code === CLOSED.notSignedIn) void begin(0);
        poll();
      },
    });
  }

  function renewed(trouble: unknown): never {
    if (trouble instanceof Refusal && trouble.status === 401) void begin(0);
    throw trouble;
  }

  function watch() {
    watchingSince = Date.now();
    socket?.send("watch", { after: store.get().log.upto }, conversation());
  }

  /** Something in the log is missing here: ask again, unless the answer is still on its way. */
  function mendGap() {
    const { log, head } = store.get();
    if (hasGap(log, head) && Date.now() - watchingSince > TYPING_SHOWN_MS) watch();
  }

  function heard(frame: Frame) {
    const { t, c, d } = frame;
    if (t === "event") {
      store.dispatch({ t: "events", conversation: c ?? "", events: [d as unknown as LogEvent] });
      mendGap();
    } else if (t === "caught_up") {
      watchingSince = 0;
      store.dispatch({ t: "head", conversation: c ?? "", seq: Number(d.head_seq) });
      mendGap();
    } else if (t === "heartbeat") {
      const heads = d.heads as Record<string, number> | undefined;
      store.dispatch({ t: "head", conversation: conversation(), seq: heads?.[conversation()] ?? 0 });
      mendGap();
    } else if (t === "ack" || t === "refused") sender.answered(frame);
    else if (t === "conversation") store.dispatch({ t, conversation: d as unknown as Conversation });
    else if (t === "waiting") {
      waitingHeardAt = Date.now();
      store.dispatch({ t, waiting: d as unknown as Waiting });
    } else if (t === "typing") {
      store.dispatch({ t, author: d.author as Author });
      after("typingShown", TYPING_SHOWN_MS, () => store.dispatch({ t: "typing", author: null }));
    } else if (t === "read") store.dispatch({ t, role: String(d.role), seq: Number(d.seq) });
  }

  /** Without a socket the log still arrives, a little later. */
  function poll() {
    after("poll", POLL_MS, () => {
      if (socket?.isUp()) return;
      void catchUp().then((reached) => {
        if (reached) sender.again();
        poll();
      });
    });
  }

  async function catchUp(): Promise<boolean> {
    try {
      for (;;) {
        const id = conversation();
        const page = await rest<Page>("GET", of(`events?after=${store.get().log.upto}&limit=${PAGE}`));
        store.dispatch({ t: "events", conversation: id, events: page.events });
        if (!page.more || !page.events.length) return true;
      }
    } catch (trouble) {
      if (trouble instanceof Refusal && trouble.status === 401) void begin(0);
      return false;
    }
  }

  const caughtUpWithoutSocket = () => (socket?.isUp() ? undefined : catchUp());

  function askWaiting() {
    after("waiting", Date.now() - waitingHeardAt < WAITING_EVERY_MS ? WAITING_EVERY_MS : 300, async () => {
      if (holderOf(store.get()) !== "queue") return;
      if (Date.now() - waitingHeardAt >= WAITING_EVERY_MS) {
        const waiting = await rest<Waiting>("GET", of("waiting")).catch(() => null);
        waitingHeardAt = Date.now();
        if (waiting && holderOf(store.get()) === "queue") store.dispatch({ t: "waiting", waiting });
      }
      askWaiting();
    });
  }

  function tellRead() {
    const { seen } = store.get();
    if (!socket?.send("read", { seq: seen }, conversation())) void rest("POST", of("read"), { seq: seen }).catch(() => {});
  }

  async function suggest() {
    const asked = draft.trim();
    if (asked.length < 2 || holderOf(store.get()) !== "bot") return store.dispatch({ t: "suggestions", suggestions: [] });
    const found = await rest<{ suggestions: Question[] }>("GET", `suggestions?q=${encodeURIComponent(asked)}`).catch(() => null);
    if (found && asked === draft.trim()) store.dispatch({ t: "suggestions", suggestions: found.suggestions.slice(0, 5) });
  }

  async function loadOlder() {
    const { log, history, earlier } = store.get();
    if (history === "loading" || history === "end") return;
    store.dispatch({ t: "history", history: "loading" });
    try {
      if (log.from > 0) {
        const start = Math.max(0, log.from - FIRST_PAGE);
        const page = await rest<Page>("GET", of(`events?after=${start}&limit=${log.from - start}`));
        store.dispatch({ t: "older", after: start, events: page.events });
        return store.dispatch({ t: "history", history: "more" });
      }
      const before = earlier[0]?.id;
      const list = await rest<{ conversations: Past[] }>("GET", `history${before ? `?before=${before}` : ""}`);
      const past = list.conversations.find(({ id }) => id !== conversation() && !earlier.some((known) => known.id === id));
      if (!past) return store.dispatch({ t: "history", history: "end" });
      const events: LogEvent[] = [];
      for (let more = true; more; ) {
        const from = events.at(-1)?.seq ?? 0;
        const page = await rest<Page>("GET", `conversations/${past.id}/events?after=${from}&limit=${PAGE}`);
        events.push(...page.events);
        more = page.more && page.events.length > 0;
      }
      store.dispatch({ t: "history", history: "more", earlier: [{ ...past, events }] });
    } catch {
      store.dispatch({ t: "history", history: "unknown" });
    }
  }

  const send = (body: Body, file?: string) => {
    clearTimeout(timers.suggest);
    draft = "";
    store.dispatch({ t: "send", id: newId(), body, at: new Date().toISOString(), ...(file && { file }) });
  };

  const actions: Actions = {
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
          return caughtUpWithoutSocket();
        } catch (trouble) {
          if (trouble instanceof Refusal || attempt === ASK_ATTEMPTS) {
            store.dispatch({ t: "asking", asking: false });
            return toast(trouble instanceof Refusal ? trouble.detail : words.askFailed);
          }
          await wait(backoffMs(attempt, Math.random()));
        }
    },
    cancelWaiting: () =>
      void rest("DELETE", of("handoff")).then(caughtUpWithoutSocket, (trouble) =>
        toast(trouble instanceof Refusal ? trouble.detail : words.cancelFailed),
      ),
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
          toast(trouble instanceof Refusal ? trouble.detail : words.rateFailed);
          return false;
        }
      }
      store.dispatch({ t: "rated" });
      void caughtUpWithoutSocket();
      return true;
    },
    typing(text) {
      draft = text;
      after("suggest", SUGGEST_AFTER_MS, () => void suggest());
      if (timers.typing) return;
      timers.typing = setTimeout(() => {
        delete timers.typing;
        if (holderOf(store.get()) !== "nobody") socket?.send("typing", { text: draft }, conversation());
      }, TYPING_EVERY_MS);
    },
    seen: (seq) => store.dispatch({ t: "seen", seq }),
    older: () => void loadOlder(),
    dismissProduct: () => store.dispatch({ t: "product", product: null }),
    reconnect() {
      if (!store.get().session) void begin(0);
      else socket?.now();
    },
    minimise: () => visit.minimise?.(),
  };

  addEventListener("online", () => actions.reconnect());
  addEventListener("offline", () => {
    store.dispatch({ t: "line", line: "offline" });
    socket?.renew();
  });
  // A phone that slept has a line that only looks open; a tab that was replaced elsewhere takes over again.
  document.addEventListener("visibilitychange", () => document.visibilityState === "visible" && actions.reconnect());
  void begin(0);

  return {
    actions,
    showProduct: (product) => store.dispatch({ t: "product", product }),
    signIn(fresh) {
      if (fresh === token) return;
      token = fresh;
      void begin(0);
    },
  };
}
