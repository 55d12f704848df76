/** What a customer sees first: who is here, and what others ask. */
import { h } from "preact";
import type { Question, Session } from "../protocol";
import { useChat } from "./context";
import { Icon } from "./Icon";

export const Questions = ({ title, questions }: { title?: string; questions: readonly Question[] }) => {
  const { act } = useChat();
  return (
    <div class="questions">
      {title && <div class="small">{title}</div>}
      {questions.map(({ entry_id, question }) => (
        <button
          key={entry_id}
          class="question"
          data-testid="question"
          onClick={() => act.say({ type: "text", text: question, entry_id })}
        >
          {question}
        </button>
      ))}
    </div>
  );
};

export function Greeting({ session }: { session: Session }) {
  const { words } = useChat();
  return (
    <div class="message their lead" data-testid="greeting">
      <span class="face">
        <Icon name="bot" />
      </span>
      <div class="column">
        <div class="who">
          <span>{words.bot}</span>
          <span class="tag">{words.botTag}</span>
        </div>
        <div class="bubble">
          <p class="plain">{session.greeting}</p>
        </div>
        {session.hot_questions.length > 0 && <Questions title={words.hot} questions={session.hot_questions} />}
      </div>
    </div>
  );
}
