/** Where the customer writes, and the tools beside it. */
import { Component, createRef, h, type FunctionComponent } from "preact";
import { holderOf, type Chat } from "../state/chat";
import { useChat } from "./context";
import { Icon } from "./Icon";

const LONGEST = 4000;
const touch = matchMedia("(pointer: coarse)").matches;

/** What may lie above the input box: suggestions, emoji, the goods the customer came from. */
export type Extras = FunctionComponent<{
  chat: Chat;
  text: string;
  emoji: boolean;
  insert: (sign: string) => void;
  clear: () => void;
}>;

interface Props {
  chat: Chat;
  extras: Extras | undefined;
}

export class Composer extends Component<Props, { text: string; emoji: boolean }> {
  override state = { text: "", emoji: false };
  private box = createRef<HTMLTextAreaElement>();

  override componentDidMount() {
    this.focus();
  }

  override componentDidUpdate({ chat }: Props) {
    if (this.props.chat.open && !chat.open) this.focus();
    const area = this.box.current;
    if (!area) return;
    area.style.height = "auto";
    area.style.height = `${area.scrollHeight + 2}px`;
  }

  /** Not on a phone: the keyboard would cover half the chat before anything was read. */
  private focus() {
    if (this.props.chat.open && !touch) this.box.current?.focus();
  }

  private write = (text: string) => {
    this.setState({ text });
    useChat().act.typing(text);
  };

  private clear = () => {
    this.setState({ text: "", emoji: false });
    this.box.current?.focus();
  };

  private submit = (event: Event) => {
    event.preventDefault();
    const text = this.state.text.trim();
    if (!text) return;
    useChat().act.say({ type: "text", text });
    this.clear();
  };

  private keyDown = (event: KeyboardEvent) => {
    // While an input method composes, Enter belongs to it (229 is what Safari reports for that very key).
    if (event.key === "Enter" && !event.shiftKey && !event.isComposing && event.keyCode !== 229) this.submit(event);
  };

  private insert = (sign: string) => {
    const { text } = this.state;
    const at = this.box.current?.selectionStart ?? text.length;
    this.write(text.slice(0, at) + sign + text.slice(at));
  };

  private pictures = (files: ArrayLike<File> | null | undefined) => {
    for (const file of Array.from(files ?? [])) useChat().act.sendPicture(file);
  };

  private picker(camera: boolean) {
    const { words } = useChat();
    const name = camera ? "camera" : "picture";
    return (
      <label class="tool" title={words[name]}>
        <input
          type="file"
          class="sr"
          accept="image/*"
          aria-label={words[name]}
          data-testid={name}
          {...(camera ? { capture: "environment" as const } : { multiple: true })}
          onChange={(event) => {
            this.pictures(event.currentTarget.files);
            event.currentTarget.value = "";
          }}
        />
        <Icon name={name} />
      </label>
    );
  }

  override render({ chat, extras: Above }: Props, { text, emoji }: { text: string; emoji: boolean }) {
    const { words } = useChat();
    const hint = {
      agent: words.placeholderAgent,
      nobody: words.placeholderClosed,
      bot: words.placeholder,
      queue: words.placeholder,
    }[holderOf(chat)];
    return (
      <footer>
        {Above && <Above chat={chat} text={text} emoji={emoji} insert={this.insert} clear={this.clear} />}
        <form class="composer" onSubmit={this.submit}>
          <textarea
            ref={this.box}
            rows={1}
            maxLength={LONGEST}
            value={text}
            placeholder={chat.away ? words.placeholderLeave : hint}
            aria-label={words.input}
            enterkeyhint="send"
            data-testid="input"
            onInput={(event) => this.write(event.currentTarget.value)}
            onKeyDown={this.keyDown}
            onPaste={(event) => {
              const files = event.clipboardData?.files;
              if (files?.length) event.preventDefault();
              this.pictures(files);
            }}
          />
          <button
            type="button"
            class="tool"
            aria-label={words.emoji}
            aria-expanded={emoji}
            data-testid="emoji"
            onClick={() => this.setState({ emoji: !emoji })}
          >
            <Icon name="emoji" />
          </button>
          {/* On a phone the words need the room. */}
          {!(touch && text) && this.picker(false)}
          {touch && !text && this.picker(true)}
          <button class="send" aria-label={words.send} data-testid="send" disabled={!text.trim()}>
            <Icon name="send" />
          </button>
        </form>
      </footer>
    );
  }
}
