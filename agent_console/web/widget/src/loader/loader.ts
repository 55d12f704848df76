/** Stands in the shop's page: a bubble, an unread badge, and the chat in an iframe that is made when first needed. */

type Call = [name: string, ...rest: unknown[]];
type Stub = ((...call: Call) => void) & { q?: ArrayLike<unknown>[] };

const page = window as Window & { CS?: Stub };

const PHONE = "(max-width: 480px)";
/** The iframe lies above whatever a shop puts on its page. */
const ABOVE = "2147483000";

const tag = document.currentScript as HTMLScriptElement;
const { app = "demo", lang = "zh-CN", color = "" } = tag.dataset;
const english = /^en/i.test(lang);
const desk = new URL(tag.src).origin;
/** In the shop's own storage: whether somebody talked to us before, and what a frame without storage asks to keep. */
const known = `jieli:${app}`;
const listeners: Record<string, ((value: unknown) => void)[]> = {};
const phone = matchMedia(PHONE);

let { token } = tag.dataset;
let product: unknown = null;
let frame: HTMLIFrameElement | null = null;
let ready = false;
let shown = false;
let unread = 0;

function kept(value?: string): string | null {
  try {
    if (value !== undefined) localStorage.setItem(known, value);
    return localStorage.getItem(known);
  } catch {
    return null;
  }
}

const css = (element: HTMLElement, rules: string) => (element.style.cssText = rules);
const tell = (message: object) => ready && frame?.contentWindow?.postMessage({ jieli: 1, ...message }, desk);
const emit = (name: string, value: unknown) => listeners[name]?.forEach((listener) => listener(value));

const bubble = document.createElement("button");
const badge = document.createElement("span");
bubble.type = "button";
bubble.id = "jieli-bubble";
bubble.innerHTML =
  '<svg width="28" height="28" viewBox="0 0 24 24" fill="none" stroke="currentColor" stroke-width="1.8" stroke-linejoin="round" stroke-linecap="round" aria-hidden="true"><path d="M12 4c5 0 8.5 3 8.5 7s-3.5 7-8.5 7q-1.2 0-2.3-.2L5.5 20l.6-3.5C4.5 15 3.5 13 3.5 11c0-4 3.5-7 8.5-7zM8.5 11v.1M12 11v.1M15.5 11v.1"/></svg>';
bubble.append(badge);

/** Dark on light colours, white on all others (3:1 is enough for a drawing this large). */
function readable(): string {
  const [r, g, b] = [1, 3, 5].map((at) => (parseInt(color.slice(at, at + 2), 16) / 255) ** 2.2) as [number, number, number];
  return 0.2126 * r + 0.7152 * g + 0.0722 * b > 0.3 ? "#1c1917" : "#fff";
}

function paint() {
  const fill = /^#[0-9a-f]{6}$/i.test(color) ? color : "#C2410C";
  const ink = fill === color ? readable() : "#fff";
  const hidden = shown && phone.matches;
  css(
    bubble,
    `all:initial;box-sizing:border-box;position:fixed;right:max(20px,env(safe-area-inset-right));bottom:calc(20px + env(safe-area-inset-bottom));width:56px;height:56px;border-radius:28px;background:${fill};color:${ink};display:${hidden ? "none" : "grid"};place-items:center;cursor:pointer;box-shadow:0 6px 20px rgb(0 0 0/.22);z-index:${ABOVE}`,
  );
  css(
    badge,
    `position:absolute;top:-4px;right:-4px;min-width:20px;height:20px;box-sizing:border-box;padding:0 5px;border:2px solid #fff;border-radius:10px;background:#b91c1c;color:#fff;font:600 11px/16px system-ui,sans-serif;text-align:center;display:${unread && !shown ? "block" : "none"}`,
  );
  badge.textContent = unread > 99 ? "99+" : String(unread);
  const name = english ? "Customer service" : "联系客服";
  bubble.setAttribute("aria-label", unread ? `${name}${english ? `, ${unread} unread` : `，${unread} 条未读消息`}` : name);
  bubble.setAttribute("aria-expanded", String(shown));
  if (frame)
    css(
      frame,
      `border:0;position:fixed;z-index:${ABOVE};background:#fff;color-scheme:light;display:${shown ? "block" : "none"};${
        phone.matches
          ? "inset:0;width:100%;height:100%"
          : "right:20px;bottom:88px;width:384px;height:min(640px,calc(100vh - 108px));border-radius:16px;box-shadow:0 12px 48px rgb(0 0 0/.2)"
      }`,
    );
}

function load() {
  if (frame) return;
  frame = document.createElement("iframe");
  frame.title = english ? "Customer service" : "在线客服";
  frame.allow = "clipboard-write";
  frame.src = `${desk}/chat?${new URLSearchParams({ app, lang, color, host: location.origin })}`;
  paint();
  document.body.append(frame);
}

function show(now: boolean) {
  if (now) load();
  if (shown === now) return;
  shown = now;
  if (kept() === null) kept("");
  paint();
  tell({ t: "open", open: shown });
  if (shown) frame?.focus();
  else bubble.focus();
  emit(shown ? "open" : "close", shown);
}

function call(name: string, value: unknown, listener?: unknown) {
  if (name === "open" || name === "close") show(name === "open");
  else if (name === "on") (listeners[String(value)] ??= []).push(listener as (value: unknown) => void);
  else if (name === "product") tell({ t: name, product: (product = value) });
  else if (name === "token") tell({ t: name, token: (token = String(value)) });
}

addEventListener("message", ({ origin, source, data }) => {
  if (origin !== desk || !frame || source !== frame.contentWindow || !data?.jieli) return;
  if (data.t === "ready") {
    ready = true;
    tell({ t: "hello", token, kept: kept(), product, open: shown, page: { url: location.href, title: document.title } });
  } else if (data.t === "unread") {
    unread = data.count;
    paint();
    emit("unread", unread);
  } else if (data.t === "keep") kept(data.kept);
  else if (data.t === "close") show(false);
});

function start() {
  document.body.append(bubble);
  bubble.onclick = () => show(!shown);
  phone.onchange = paint;
  paint();
  const waiting = page.CS?.q ?? [];
  page.CS = (...said: Call) => call(...(said as [string, unknown]));
  for (const each of Array.from(waiting)) call(...(Array.from(each) as [string, unknown]));
  // Somebody who talked to us before should see an answer without opening the chat.
  if (kept() !== null) setTimeout(load, 1500);
}

if (document.body) start();
else addEventListener("DOMContentLoaded", start);

export {};
