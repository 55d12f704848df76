/** Where the customer writes: text, emoji, pictures, and the goods he came from. */
import { useEffect, useRef, useState } from "preact/hooks";
import type { Chat } from "../state/chat";
import { holderOf } from "../state/chat";
import { leavesMessage } from "../state/thread";
import { ProductCard } from "./cards";
import { useChat } from "./context";
import { Icon } from "./Icon";

const EMOJI = [..."😀😄😂🤣😊😍😘🤗🤔😅😮😢😭😤😡🙏👍👎👌💪👏🤝🌹❤💔🎉🎁🔥✨💰📦🚚"];
const LONGEST = 4000;
const touch = matchMedia("(pointer: coarse)").matches;

export function Composer({ chat }: { chat: Chat }) {
  const { words, act } = useChat();
  const [text, setText] = useState("");
  const [emoji, setEmoji] = useState(false);
  const box = useRef<HTMLTextAreaElement>(null);
  const holder = holderOf(chat);

  useEffect(() => {
    const area = box.current;
    if (!area) return;
    area.style.height = "auto";
    area.style.height = `${area.scrollHeight}px`;
  }, [text]);
  // A phone would cover half the chat with its keyboard before anything was read.
  useEffect(() => {
    if (chat.open && !touch) box.current?.focus();
  }, [chat.open]);

  const write = (now: string) => {
    setText(now);
    act.typing(now);
  };
  const submit = (event?: Event) => {
    event?.preventDefault();
    const said = text.trim();
    if (!said) return;
    act.say({ type: "text", text: said });
    write("");
    setEmoji(false);
    box.current?.focus();
  };
  const keyDown = (event: KeyboardEvent) => {
    // While an input method composes, Enter belongs to it (229 is what Safari reports for that very key).
    if (event.key !== "Enter" || event.shiftKey || event.isComposing || event.keyCode === 229) return;
    submit(event);
  };
  const insert = (sign: string) => {
    const at = box.current?.selectionStart ?? text.length;
    write(text.slice(0, at) + sign + text.slice(at));
  };
  const pictures = (files: Iterable<File> | null | undefined) => {
    for (const file of files ?? []) act.sendPicture(file);
  };
  const picker = (camera: boolean) => (
    <label class="tool" title={camera ? words.camera : words.picture}>
      <input
        type="file"
        class="sr"
        accept="image/*"
        aria-label={camera ? words.camera : words.picture}
        data-testid={camera ? "camera" : "picture"}
        {...(camera ? { capture: "environment" as const } : { multiple: true })}
        onChange={(event) => {
          pictures(event.currentTarget.files);
          event.currentTarget.value = "";
        }}
      />
      <Icon name={camera ? "camera" : "picture"} />
    </label>
  );
  const hint =
    holder === "agent"
      ? words.placeholderAgent
      : leavesMessage(chat)
        ? words.placeholderLeave
        : holder === "nobody"
          ? words.placeholderClosed
          : words.placeholder;

  return (
    <footer>
      {text && chat.suggestions.length > 0 && (
        <div class="suggestions" role="group" aria-label={words.suggestions} data-testid="suggestions">
          {chat.suggestions.map(({ entry_id, question }) => (
            <button
              key={entry_id}
              data-testid="suggestion"
              onClick={() => {
                act.say({ type: "text", text: question });
                setText("");
                box.current?.focus();
              }}
            >
              {question}
            </button>
          ))}
        </div>
      )}
      {chat.product && (
        <div class="offer" data-testid="product-offer">
          <span class="sr">{words.product}</span>
          <ProductCard product={chat.product} />
          <button
            class="primary"
            data-testid="send-product"
            onClick={() => {
              if (chat.product) act.say({ type: "product", ...chat.product });
              act.dismissProduct();
            }}
          >
            {words.sendProduct}
          </button>
          <button class="tool" aria-label={words.dismiss} onClick={act.dismissProduct}>
            <Icon name="cross" />
          </button>
        </div>
      )}
      {emoji && (
        <div class="emoji" role="group" aria-label={words.emoji}>
          {EMOJI.map((sign) => (
            <button key={sign} onClick={() => insert(sign)}>
              {sign}
            </button>
          ))}
        </div>
      )}
      <form class="composer" onSubmit={submit}>
        <textarea
          ref={box}
          rows={1}
          maxLength={LONGEST}
          value={text}
          placeholder={hint}
          aria-label={words.input}
          enterkeyhint="send"
          data-testid="input"
          onInput={(event) => write(event.currentTarget.value)}
          onKeyDown={keyDown}
          onPaste={(event) => {
            const files = [...(event.clipboardData?.files ?? [])].filter((file) => file.type.startsWith("image/"));
            if (files.length) event.preventDefault();
            pictures(files);
          }}
        />
        <button
          type="button"
          class="tool"
          aria-label={words.emoji}
          aria-expanded={emoji}
          data-testid="emoji"
          onClick={() => setEmoji(!emoji)}
        >
          <Icon name="emoji" />
        </button>
        {picker(false)}
        {touch && picker(true)}
        <button class="send" aria-label={words.send} data-testid="send" disabled={!text.trim()}>
          <Icon name="send" />
        </button>
      </form>
    </footer>
  );
}
