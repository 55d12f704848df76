/** Who is speaking with the customer, and the way to a person that is always there. */
import { h } from "preact";
import { holderOf, type Chat } from "../state/chat";
import { useChat } from "./context";
import { Icon } from "./Icon";

export function Header({ chat, embedded }: { chat: Chat; embedded: boolean }) {
  const { words, act } = useChat();
  const holder = holderOf(chat);
  const agent = holder === "agent" ? chat.conversation?.agent : null;
  const app = chat.session?.app;
  const hint = { bot: words.botHint, queue: chat.away ? words.awayHint : words.queueHint, agent: words.agentHint, nobody: words.closedHint }[holder];
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
