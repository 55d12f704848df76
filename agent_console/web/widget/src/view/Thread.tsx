/** The conversation itself: rows in a live log that stays at the end while the customer is there. */
import { h } from "preact";
import { useEffect, useLayoutEffect, useMemo, useRef, useState } from "preact/hooks";
import { holderOf, unread, type Chat } from "../state/chat";
import { awaitsRating, botOwesAnswer, lastOwnSeq, thread, type Row } from "../state/thread";
import { useChat } from "./context";
import { Greeting } from "./Greeting";
import { Icon } from "./Icon";
import { Message } from "./Message";
import { Rating } from "./Rating";
import { day, moment } from "./time";

/** So near the end counts as being there. */
const NEAR_PX = 60;

export function Thread({ chat }: { chat: Chat }) {
  const { words, act } = useChat();
  const scroller = useRef<HTMLDivElement>(null);
  const content = useRef<HTMLDivElement>(null);
  const fromEnd = useRef(0);
  const [away, setAway] = useState(false);
  const rows = useMemo(() => thread(chat), [chat.log, chat.outbox, chat.feedback, chat.earlier, chat.conversation]);
  const ownSeq = lastOwnSeq(chat);
  const owed = botOwesAnswer(chat);
  const typing = chat.typing || owed;
  const lastKey = rows.at(-1)?.key;
  const sent = chat.outbox.length;

  const toEnd = () => {
    fromEnd.current = 0;
    const area = scroller.current;
    if (area) area.scrollTop = area.scrollHeight;
  };
  // What the customer reads stays where it is: counted from the end, so that older messages may come in above.
  useLayoutEffect(() => {
    const area = scroller.current;
    if (!area) return;
    area.scrollTop = fromEnd.current < NEAR_PX ? area.scrollHeight : area.scrollHeight - area.clientHeight - fromEnd.current;
  }, [rows[0]?.key, chat.history]);
  useLayoutEffect(() => {
    if (fromEnd.current < NEAR_PX) toEnd();
    else setAway(true);
  }, [lastKey, typing, chat.rated, holderOf(chat)]);
  useLayoutEffect(toEnd, [sent]);
  useEffect(() => {
    // A keyboard that opens, a picture that arrives, a form that unfolds: the end stays in view.
    const resized = new ResizeObserver(() => fromEnd.current < NEAR_PX && toEnd());
    for (const part of [scroller.current, content.current]) if (part) resized.observe(part);
    return () => resized.disconnect();
  }, []);
  useEffect(() => {
    const look = () => {
      if (chat.open && document.visibilityState === "visible" && !away) act.seen(chat.log.upto);
    };
    look();
    document.addEventListener("visibilitychange", look);
    return () => document.removeEventListener("visibilitychange", look);
  }, [chat.open, chat.log.upto, away]);

  const scrolled = () => {
    const area = scroller.current;
    if (!area) return;
    fromEnd.current = area.scrollHeight - area.scrollTop - area.clientHeight;
    if (fromEnd.current < NEAR_PX) setAway(false);
  };
  const { session } = chat;
  const top = chat.log.from === 0 && !chat.earlier.length;

  return (
    <main>
      {/* Not focusable by itself it could not be scrolled with the keyboard. */}
      <div
        class="scroller"
        ref={scroller}
        onScroll={scrolled}
        tabIndex={0}
        role="log"
        aria-label={words.log}
        aria-live="polite"
        data-testid="log"
      >
        <div ref={content}>
          {session && !(session.customer.guest && top && !rows.length) && (
            <button
              class="link older"
              data-testid="older"
              disabled={chat.history === "loading" || chat.history === "end"}
              onClick={() => {
                scrolled();
                act.older();
              }}
            >
              {chat.history === "loading" ? words.loading : chat.history === "end" ? words.noMore : words.older}
            </button>
          )}
          {session && top && <Greeting session={session} />}
          {rows.map((row) => (
            <RowView
              key={row.key}
              row={row}
              newest={row.type === "message" && row.seq === ownSeq && !sent}
              read={row.type === "message" && row.seq !== null && row.seq <= chat.readByAgent}
              isCut={chat.line === "offline" || chat.line === "lost"}
            />
          ))}
          {typing && (
            <div class="message their lead" data-testid="typing">
              <span class={`face ${chat.typing?.role === "agent" ? "human" : ""}`}>
                {chat.typing?.role === "agent" ? (chat.typing.name ?? "").slice(0, 1) : <Icon name="bot" />}
              </span>
              <div class="bubble dots">
                <span class="sr">{words.typing}</span>
                <i />
                <i />
                <i />
              </div>
            </div>
          )}
          {awaitsRating(chat) && <Rating key={chat.holderSeq} />}
        </div>
      </div>
      {away && unread(chat) > 0 && (
        <button class="fresh" onClick={toEnd}>
          {words.newMessages} ↓
        </button>
      )}
    </main>
  );
}

function RowView({ row, newest, read, isCut }: { row: Row; newest: boolean; read: boolean; isCut: boolean }) {
  const { words, lang } = useChat();
  if (row.type === "message") return <Message row={row} newest={newest} read={read} canJudge={!row.past} isCut={isCut} />;
  if (row.type === "time") return <time class="line">{moment(row.at, new Date(), lang, words)}</time>;
  if (row.type === "divider")
    return <div class="line rule">{row.key === "now" ? words.current : words.past(day(row.at, new Date(), lang))}</div>;
  const said =
    row.code === "promise_made"
      ? words.promised(row.text)
      : row.code === "promise_withdrawn"
        ? words.unpromised(row.text)
        : row.text || (words as unknown as Record<string, string>)[row.code];
  return (
    <div class="line" data-testid="notice" data-code={row.code} data-seq={row.seq ?? ""}>
      {said}
    </div>
  );
}
