/** One message: who, what, and what can be done with it. */
import { h, Fragment, type ComponentChildren } from "preact";
import type { Body } from "../protocol";
import type { Row } from "../state/thread";
import { Logistics, OrderCard, ProductCard } from "./cards";
import { useChat } from "./context";
import { Questions } from "./Greeting";
import { Icon } from "./Icon";
import { Plain, Rich } from "./Rich";

type MessageRow = Extract<Row, { type: "message" }>;

function Content({ body }: { body: Body }): ComponentChildren {
  const { words, act } = useChat();
  const text = "text" in body && body.text ? <Plain text={body.text} /> : null;
  switch (body.type) {
    case "text":
      return text;
    case "image":
      return (
        <a href={body.url} target="_blank" rel="noopener">
          <img class="photo" src={body.url} width={body.width} height={body.height} alt={words.image} />
        </a>
      );
    case "product":
      return <ProductCard product={body} />;
    case "order":
      return [text, <OrderCard order={body.order ?? { order_no: body.order_no ?? "" }} />];
    case "answer":
      return body.html ? <Rich html={body.html} /> : text;
    case "did_you_mean":
      return [text, <Questions questions={body.options} />];
    case "choices":
      return [
        text,
        <div class="questions">
          {body.choices.map(({ label, say }) => (
            <button key={label} class="question" data-testid="choice" onClick={() => act.say({ type: "text", text: say })}>
              {label}
            </button>
          ))}
        </div>,
      ];
    case "order_picker":
      return [
        text,
        <div class="questions">
          {body.orders.map((order) => (
            <button
              key={order.order_no}
              class="question"
              data-testid="order-pick"
              data-order-no={order.order_no}
              onClick={() => act.say({ type: "order", order_no: order.order_no, order })}
            >
              <OrderCard order={order} />
            </button>
          ))}
        </div>,
      ];
    case "logistics":
      return [text, <Logistics parcel={body} />];
    default:
      return text;
  }
}

function Verdict({ row, seq }: { row: MessageRow; seq: number }) {
  const { words, act } = useChat();
  return (
    <div class="verdict">
      {row.helpful === null ? (
        <>
          <button class="chip" data-testid="helpful" onClick={() => act.judge(seq, true)}>
            {words.helpful}
          </button>
          <button class="chip" data-testid="unhelpful" onClick={() => act.judge(seq, false)}>
            {words.unhelpful}
          </button>
        </>
      ) : (
        <span class="small" data-testid="verdict-given">
          {row.helpful ? words.thanks : words.sorry}{" "}
          {!row.helpful && (
            <button class="link" onClick={act.askPerson}>
              {words.ask}
            </button>
          )}
        </span>
      )}
    </div>
  );
}

function Fate({ row, read, newest, isCut }: { row: MessageRow; read: boolean; newest: boolean; isCut: boolean }) {
  const { words, act } = useChat();
  const { pending } = row;
  const state = pending?.state;
  // Without a line nothing has gone wrong with this message: it waits, and nobody need tap.
  if (isCut && state && state !== "refused" && state !== "delivered") return <div class="fate" data-testid="fate">{words.kept}</div>;
  if (state === "failed" || state === "refused")
    return (
      <div class="fate failed" role="status">
        {state === "refused" ? `${words.refused}${pending?.detail ? `：${pending.detail}` : ""} ` : ""}
        <button class="link" data-testid="retry" onClick={() => pending && act.retry(pending.id)}>
          <Icon name="retry" />
          {state === "refused" ? words.retry : words.failed}
        </button>{" "}
        <button class="link" data-testid="drop" onClick={() => pending && act.drop(pending.id)}>
          {words.drop}
        </button>
      </div>
    );
  if (!newest && state !== "sending") return null;
  return (
    <div class="fate" data-testid="fate">
      {state === "sending" ? words.sending : read ? words.read : words.delivered}
    </div>
  );
}

interface Props {
  row: MessageRow;
  read: boolean;
  newest: boolean;
  canJudge: boolean;
  /** There is no line to the desk just now. */
  isCut: boolean;
}

export function Message({ row, read, newest, canJudge, isCut }: Props) {
  const { words } = useChat();
  const { author, body, seq } = row;
  const own = author.role === "customer";
  const bot = author.role === "bot";
  const name = own ? words.you : bot ? words.bot : author.name || words.agentTag;
  const bare = body.type === "image" || (own && body.type === "product");
  return (
    <div
      class={`message ${own ? "own" : "their"} ${row.lead ? "lead" : ""}`}
      data-testid="message"
      data-seq={seq ?? ""}
      data-role={author.role}
      data-type={body.type}
      data-state={row.pending?.state ?? "stored"}
    >
      {!own && <span class={`face ${bot ? "" : "human"}`}>{row.lead && (bot ? <Icon name="bot" /> : name.slice(0, 1))}</span>}
      <div class="column">
        {own || !row.lead ? (
          <span class="sr">{name}：</span>
        ) : (
          <div class="who">
            <span data-testid="author">{name}</span>
            <span class={`tag ${bot ? "" : "human"}`}>{bot ? words.botTag : words.agentTag}</span>
          </div>
        )}
        <div class={`bubble ${bare ? "bare" : ""}`}>
          <Content body={body} />
        </div>
        {body.type === "answer" && body.related && body.related.length > 0 && (
          <Questions title={words.related} questions={body.related} />
        )}
        {body.type === "answer" && bot && seq && canJudge && <Verdict row={row} seq={seq} />}
        {own && <Fate row={row} read={read} newest={newest} isCut={isCut} />}
      </div>
    </div>
  );
}
