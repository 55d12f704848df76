/** Who is speaking with the customer, and the way to a person that is always there. */
import { holderOf, type Chat } from "../state/chat";
import { leavesMessage } from "../state/thread";
import { useChat } from "./context";
import { Icon } from "./Icon";

export function Header({ chat, embedded }: { chat: Chat; embedded: boolean }) {
  const { words, act } = useChat();
  const holder = holderOf(chat);
  const agent = holder === "agent" ? chat.conversation?.agent : null;
  const app = chat.session?.app;
  const hint = { bot: words.botHint, queue: words.queueHint, agent: words.agentHint, nobody: words.closedHint }[holder];
  return (
    <header>
      <span class={`face ${agent ? "human" : ""}`}>
        {agent ? agent.name.slice(0, 1) : app?.logo ? <img src={app.logo} alt="" /> : <Icon name="bot" />}
      </span>
      <div class="grow">
        <h1 data-testid="speaker">
          {agent?.name ?? app?.name ?? words.title}
          <span class={`tag ${agent ? "human" : ""}`}>{agent ? words.agentTag : words.botTag}</span>
        </h1>
        <div class="small" data-testid="holder" data-holder={holder}>
          {hint}
        </div>
      </div>
      {holder !== "agent" && holder !== "queue" && (
        <button class="ask" data-testid="ask-person" disabled={chat.asking || !chat.session} onClick={act.askPerson}>
          <Icon name="person" />
          {chat.asking ? words.asking : words.ask}
        </button>
      )}
      {embedded && (
        <button class="tool" aria-label={words.close} data-testid="minimise" onClick={act.minimise}>
          <Icon name="down" />
        </button>
      )}
    </header>
  );
}

/** One line under the header for whatever is not as usual: no line, a queue, nobody on duty. */
export function Banners({ chat }: { chat: Chat }) {
  const { words, act } = useChat();
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
            <b>{chat.waiting ? words.queued(chat.waiting.position) : words.queue}</b>
            {estimate && <> · {words.wait(estimate.low, estimate.high)}</>}
            <div class="small">{leavesMessage(chat) ? words.leave : words.waitUnknown}</div>
          </div>
          <button class="chip" data-testid="cancel-waiting" onClick={act.cancelWaiting}>
            {words.cancel}
          </button>
        </div>
      )}
      {holderOf(chat) === "bot" && leavesMessage(chat) && (
        <div class="banner" data-testid="leave-message">
          {words.leave}
        </div>
      )}
    </div>
  );
}
