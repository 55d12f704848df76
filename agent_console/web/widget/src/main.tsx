/** Starts the chat: as the page `/chat` itself, or inside the loader's iframe. */
import { render } from "preact";
import { openDesk, type Desk } from "./connection/desk";
import { listenToPage, type FromPage } from "./connection/frame";
import { recall, remember } from "./connection/storage";
import { unread } from "./state/chat";
import { palette } from "./state/colour";
import { createStore } from "./state/store";
import { App } from "./view/App";
import "./view/style.css";
import { wordsFor } from "./words";

const asked = new URLSearchParams(location.search);
const lang = asked.get("lang") || "zh-CN";
const app = asked.get("app") || "demo";
const words = wordsFor(lang);
const store = createStore();
/** The origin of the page around, named by the loader. */
const host = parent !== window ? asked.get("host") : null;

document.documentElement.lang = lang;
document.title = words.title;
paint(asked.get("color"));

function paint(colour: string | null) {
  for (const [name, value] of Object.entries(palette(colour))) document.documentElement.style.setProperty(`--${name}`, value);
}

function start(token: string | null, page: { url: string; title: string }, minimise: (() => void) | null): Desk {
  const product_id = asked.get("product_id");
  const order_no = asked.get("order_no");
  const about = { ...page, ...(product_id && { product_id }), ...(order_no && { order_no }) };
  const desk = openDesk(store, { app, lang, token, page: about, words, minimise });
  const around = { words, lang, act: desk.actions };
  render(<App store={store} around={around} embedded={minimise !== null} />, document.getElementById("app") as HTMLElement);
  if (!asked.get("color")) store.watch((now) => paint(now.session?.app.color ?? null));
  return desk;
}

/** A token in the address would stay in histories and screenshots: it moves to the tab's memory. */
function tokenFromAddress(): string | null {
  const hidden = new URLSearchParams(location.hash.slice(1));
  const given = hidden.get("token") ?? asked.get("token");
  if (!given) return recall(`token:${app}`, false);
  remember(`token:${app}`, given, false);
  asked.delete("token");
  history.replaceState(null, "", `${location.pathname}?${asked}`);
  return given;
}

function startInFrame(origin: string) {
  let desk: Desk | null = null;
  const page = listenToPage(origin, (message: FromPage) => {
    if (message.t === "hello") {
      store.dispatch({ t: "open", open: message.open });
      if (desk) return;
      if (message.product) asked.set("product_id", message.product.product_id);
      desk = start(message.token || null, message.page ?? { url: origin, title: "" }, () => page.tell({ t: "close" }));
      if (message.product) desk.showProduct(message.product);
    } else if (message.t === "open") store.dispatch({ t: "open", open: message.open });
    else if (message.t === "product") desk?.showProduct(message.product);
    else if (message.t === "token") desk?.signIn(message.token);
  });
  store.watch((now, before) => {
    if (unread(now) !== unread(before)) page.tell({ t: "unread", count: unread(now) });
  });
  addEventListener("keydown", (event) => event.key === "Escape" && !event.isComposing && page.tell({ t: "close" }));
  page.tell({ t: "ready" });
}

if (host) startInFrame(host);
else start(tokenFromAddress(), { url: document.referrer || location.href, title: document.title }, null);
