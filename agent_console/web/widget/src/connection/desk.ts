/** Joins the chat's state to the desk: session, socket, catching up, and everything the customer does. */
import type { Actions } from "../actions";
import type { Author, Conversation, Frame, LogEvent, Session, Waiting } from "../protocol";
import { holderOf } from "../state/chat";
import { hasGap } from "../state/log";
import type { Store } from "../state/store";
import type { Words } from "../words/words";
import { backoffMs } from "./backoff";
import { customerActions } from "./errands";
import { PAGE, type EventPage } from "./history";
import { keepOutbox, keptOutbox } from "./kept";
import { Refusal, restFor } from "./rest";
import { createSender } from "./sender";
import { CLOSED, openSocket, type SteadySocket } from "./socket";
import { forget, recall, remember } from "./storage";
import { createTimers } from "./timers";

export interface Visit {
  app: string;
  lang: string;
  token: string | null;
  /** This tab may go on as the member it was: a page of our own, where no shop could have signed him out meanwhile. */
  resumesMember: boolean;
  page: { url: string; title: string; product_id?: string; order_no?: string };
  words: Words;
  /** Asks the page around to put the chat away; null when the chat is the page. */
  minimise: (() => void) | null;
}

export interface Desk {
  actions: Actions;
  signIn(token: string): void;
}

const TYPING_SHOWN_MS = 6000;
const READ_AFTER_MS = 400;
/** A `watch` unanswered for so long is asked again; an answered one that left a gap, a little later. */
const CATCH_UP_MS = 6000;
const WATCH_EVERY_MS = 1000;
const WAITING_EVERY_MS = 10_000;
const POLL_MS = 3000;
const ASKING_MS = 8000;

export function openDesk(store: Store, visit: Visit): Desk {
  const { words } = visit;
  let token = visit.token;
  let ticket: { url: string; ticket: string | null } | null = null;
  let socket: SteadySocket | null = null;
  let watchedAt = 0;
  /** A `watch` is being answered: heads ahead of us are on their way, not lost. */
  let isCatchingUp = false;
  const after = createTimers();
  let waitingHeardAt = 0;

  let member = token !== null || visit.resumesMember;
  // A member's proof ends with the tab; a guest's lasts, or coming back would mean starting over. Both together
  // (a guest's proof, the shop's token) let the desk carry what the guest said over to the member.
  const proofKey = (of: "member" | "guest") => `visitor:${visit.app}:${of}`;
  const guestProof = () => recall(proofKey("guest"));
  const rest = restFor(() => (member ? (recall(proofKey("member"), false) ?? guestProof()) : guestProof()));
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
      const was = before.conversation?.id;
      if (was && was !== id) keepOutbox(was, before.outbox, []);
      keepOutbox(id, was === id ? before.outbox : [], now.outbox);
      queueMicrotask(sender.flush);
    }
    if (holderOf(now) === "queue" && holderOf(before) !== "queue") askWaiting();
    if (now.readByAgent > before.readByAgent) remember(`read:${id}`, String(now.readByAgent));
    if (now.seen > before.seen) {
      remember(`seen:${id}`, String(now.seen));
      after("read", READ_AFTER_MS, tellRead);
    }
    if (now.asking && !before.asking) after("asking", ASKING_MS, () => store.dispatch({ t: "asking", asking: false }));
  });

  async function begin(attempt: number): Promise<void> {
    after.stop("begin");
    try {
      const session = await rest<Session>("POST", "sessions", {
        app: visit.app,
        ...(token && { token }),
        locale: visit.lang,
        page: visit.page,
      });
      const { id } = session.conversation;
      member = !session.customer.guest;
      remember(proofKey(member ? "member" : "guest"), session.visitor, !member);
      ticket = { url: session.socket_url, ticket: session.ticket };
      const moved = id !== conversation();
      const seen = Number(recall(`seen:${id}`)) || 0;
      store.dispatch({ t: "session", session, outbox: keptOutbox(id), seen });
      store.dispatch({ t: "read", role: "agent", seq: Number(recall(`read:${id}`)) || 0 });
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
        sender.stop();
        if (code === CLOSED.notSignedIn || code === CLOSED.notFound) void begin(0);
        poll();
      },
    });
  }

  function renewed(trouble: unknown): never {
    if (trouble instanceof Refusal && trouble.status === 401) void begin(0);
    throw trouble;
  }

  function watch() {
    watchedAt = Date.now();
    isCatchingUp = true;
    socket?.send("watch", { after: store.get().log.upto }, conversation());
  }

  /** Something in the log is missing here: ask again, unless the answer is still on its way. */
  function mendGap() {
    const { log, head } = store.get();
    if (hasGap(log, head) && Date.now() - watchedAt > (isCatchingUp ? CATCH_UP_MS : WATCH_EVERY_MS)) watch();
  }

  function heard(frame: Frame) {
    const { t, c, d } = frame;
    if (t === "event") {
      store.dispatch({ t: "events", conversation: c ?? "", events: [d as unknown as LogEvent] });
      mendGap();
    } else if (t === "caught_up") {
      isCatchingUp = false;
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
      after("typing", TYPING_SHOWN_MS, () => store.dispatch({ t: "typing", author: null }));
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
        const page = await rest<EventPage>("GET", of(`events?after=${store.get().log.upto}&limit=${PAGE}`));
        store.dispatch({ t: "events", conversation: id, events: page.events });
        if (!page.more || !page.events.length) return true;
      }
    } catch (trouble) {
      if (trouble instanceof Refusal && trouble.status === 401) void begin(0);
      return false;
    }
  }

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

  const reconnect = () => {
    if (!store.get().session) void begin(0);
    else socket?.now();
  };
  const actions = customerActions({
    store,
    rest,
    words,
    socket: () => socket,
    catchUp: () => void (socket?.isUp() || catchUp()),
    reconnect,
    minimise: () => visit.minimise?.(),
  });

  addEventListener("online", reconnect);
  addEventListener("offline", () => {
    store.dispatch({ t: "line", line: "offline" });
    socket?.renew();
  });
  // A phone that slept has a line that only looks open; a tab that was replaced elsewhere takes over again.
  document.addEventListener("visibilitychange", () => document.visibilityState === "visible" && reconnect());
  void begin(0);

  return {
    actions,
    signIn(fresh) {
      if (fresh === token) return;
      token = fresh;
      member = true;
      forget(proofKey("member"), false);
      void begin(0);
    },
  };
}
