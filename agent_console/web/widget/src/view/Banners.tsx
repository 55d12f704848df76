/** What is not as usual, right under the header: no line, a queue, nobody on duty. */
import { Fragment, h } from "preact";
import { holderOf, type Chat } from "../state/chat";
import { openPromises } from "../state/promises";
import { CallBack } from "./CallBack";
import { useChat } from "./context";
import { Icon } from "./Icon";
import { moment } from "./time";

export function Banners({ chat }: { chat: Chat }) {
  const { words, act, lang } = useChat();
  const promises = openPromises(chat.log.events);
  const mayCall = chat.away && !promises.some(({ isCall }) => isCall);
  const call = mayCall && <CallBack guest={!!chat.session?.customer.guest} />;
  const estimate = chat.waiting?.estimate_seconds;
  return (
    <div aria-live="polite">
      {(chat.line === "offline" || chat.line === "lost") && chat.session && (
        <div class="banner warn" data-testid="line" data-line={chat.line}>
          {chat.line === "offline" ? words.offline : words.lost}
        </div>
      )}
      {holderOf(chat) === "queue" && (
        <div class="banner" data-testid="queue">
          <div class="grow">
            <b>{chat.away ? words.nobody : chat.waiting ? words.queued(chat.waiting.position) : words.queue}</b>
            {estimate && <> · {words.wait(estimate.low, estimate.high)}</>}
            <div class="small">{chat.away ? words.leave : words.waitUnknown}</div>
            {call}
          </div>
          <button class="chip" data-testid="cancel-waiting" onClick={act.cancelWaiting}>
            {words.cancel}
          </button>
        </div>
      )}
      {promises.map(({ id, text, dueAt }) => (
        <div class="banner promise" data-testid="promise" key={id}>
          <Icon name="clock" />
          <div class="grow">
            {words.promised(text)}
            {dueAt && <span class="small"> {words.due(moment(dueAt, new Date(), lang, words))}</span>}
          </div>
        </div>
      ))}
      {holderOf(chat) === "bot" && chat.away && (
        <div class="banner" data-testid="leave-message">
          <div class="grow">
            <b>{words.nobody}</b>
            <div class="small">{words.leave}</div>
            {call}
          </div>
        </div>
      )}
    </div>
  );
}
