/** Starts the chat: as the page `/chat` itself, or inside the loader's iframe. */
import { h, render } from "preact";
import type { Actions } from "./actions";
import type { Desk, Visit } from "./connection/desk";
import { listenToPage, type FromPage } from "./connection/frame";
import { keepOutside } from "./connection/storage";
import { unread } from "./state/chat";
import { palette } from "./state/colour";
import { createStore } from "./state/store";
import { App } from "./view/App";
import { surround } from "./view/context";
import "./view/style.css";
import threadStyle from "./view/thread.css?url";
import { language } from "./words/words";

const asked = new URLSearchParams(location.search);
const wanted = asked.get("lang") ?? "";
const lang = /^[a-z]{2,3}(-[a-z0-9]{2,8}){0,2}$/i.test(wanted) ? wanted : "zh-CN";
const app = asked.get("app") || "demo";
// All of it starts to load at once; only the first screen's part is waited for.
const desk = import("./connection/desk");
const views = Promise.all([import("./view/later"), styled(threadStyle)]);
const { words, complete } = await language(lang);
const later = Promise.all([views, complete]).then(([[loaded]]) => loaded);
const store = createStore();
/** The origin of the page around, named by the loader. */
const host = parent !== window ? asked.get("host") : null;

document.documentElement.lang = lang;
document.title = words.title;
paint(asked.get("color"));

function paint(colour: string | null) {
  const { style } = document.documentElement;
  for (const [name, value] of Object.entries(palette(colour))) style.setProperty(`--${name}`, value);
}

function styled(href: string): Promise<unknown> {
  const link = document.createElement("link");
  link.rel = "stylesheet";
  link.href = href;
  // A chat without its finer looks is better than none.
  const done = new Promise((settle) => (link.onload = link.onerror = settle));
  document.head.append(link);
  return done;
}

type Door = Pick<Visit, "token" | "page" | "minimise">;

function start({ token, page, minimise }: Door): Promise<Desk> {
  const product_id = asked.get("product_id");
  const order_no = asked.get("order_no");
  const about = {
    url: page.url.slice(0, 2000),
    title: page.title.slice(0, 300),
    ...(product_id && { product_id }),
    ...(order_no && { order_no }),
  };
  const opened = Promise.all([desk, complete]).then(([{ openDesk }]) =>
    openDesk(store, { app, lang, token, resumesMember: !host, page: about, words, minimise }),
  );
  // What the customer does before the desk's part has arrived is done as soon as it has.
  const act = new Proxy({} as Actions, {
    get: (_, name: keyof Actions) => (...given: unknown[]) =>
      opened.then(({ actions }) => (actions[name] as (...all: unknown[]) => unknown)(...given)),
  });
  surround({ words, lang, act });
  render(<App store={store} embedded={!!minimise} later={later} />, document.getElementById("app") as HTMLElement);
  if (!asked.get("color")) store.watch((now) => paint(now.session?.app.color ?? null));
  return opened;
}

/** A token in the address would stay in histories and screenshots: it is used once and taken out. */
function tokenFromAddress(): string | null {
  const hidden = new URLSearchParams(location.hash.slice(1));
  const given = hidden.get("token") ?? asked.get("token");
  if (!given) return null;
  asked.delete("token");
  history.replaceState(null, "", `${location.pathname}?${asked}`);
  return given;
}

function startInFrame(origin: string) {
  let started: Promise<Desk> | null = null;
  const page = listenToPage(origin, (message: FromPage) => {
    if (message.t === "hello") {
      store.dispatch({ t: "open", open: message.open });
      if (started) return;
      if (message.product) asked.set("product_id", message.product.product_id);
      keepOutside(message.kept ?? null, (kept) => page.tell({ t: "keep", kept }));
      started = start({
        token: message.token || null,
        page: message.page ?? { url: origin, title: "" },
        minimise: () => page.tell({ t: "close" }),
      });
      if (message.product) store.dispatch({ t: "product", product: message.product });
    } else if (message.t === "open") store.dispatch({ t: "open", open: message.open });
    else if (message.t === "product") store.dispatch({ t: "product", product: message.product });
    else if (message.t === "token") void started?.then((opened) => opened.signIn(message.token));
  });
  store.watch((now, before) => {
    if (unread(now) !== unread(before)) page.tell({ t: "unread", count: unread(now) });
  });
  addEventListener("keydown", (event) => event.key === "Escape" && !event.isComposing && page.tell({ t: "close" }));
  page.tell({ t: "ready" });
}

if (host) startInFrame(host);
else
  void start({
    token: tokenFromAddress(),
    page: { url: document.referrer || location.href, title: document.title },
    minimise: null,
  });
