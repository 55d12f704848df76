/** The whole chat on one screen; knows the state, never the network. */
import { Component, Fragment, h, type FunctionComponent } from "preact";
import type { Chat } from "../state/chat";
import type { Store } from "../state/store";
import { Composer, type Extras } from "./Composer";
import { useChat } from "./context";
import { Greeting } from "./Greeting";
import { Header } from "./Header";

/** The views that are needed only once a conversation is going on. */
export interface Later {
  Banners: FunctionComponent<{ chat: Chat }>;
  Thread: FunctionComponent<{ chat: Chat }>;
  Extras: Extras;
}

interface Props {
  store: Store;
  embedded: boolean;
  /** Greeting and input box are on screen before this has arrived. */
  later: Promise<Later>;
}

/** A class, as hooks would be a tenth of the first screen. */
export class App extends Component<Props, { chat: Chat; later: Later | null }> {
  override state = { chat: this.props.store.get(), later: null };

  override componentDidMount() {
    const { store, later } = this.props;
    store.watch((chat) => this.setState({ chat }));
    void later.then((loaded) => this.setState({ later: loaded }));
  }

  override render({ embedded }: Props, { chat, later }: { chat: Chat; later: Later | null }) {
    return (
      <>
        <Header chat={chat} embedded={embedded} />
        {later && <later.Banners chat={chat} />}
        {later && chat.session ? <later.Thread chat={chat} /> : <Start chat={chat} />}
        <Composer chat={chat} extras={later?.Extras} />
        <div class="toast" role="status" data-testid="toast">
          {chat.toast}
        </div>
      </>
    );
  }
}

function Start({ chat }: { chat: Chat }) {
  const { words, act } = useChat();
  if (chat.session) return <main class="scroller">{!chat.log.from && <Greeting session={chat.session} />}</main>;
  return (
    <main class="start" data-testid="starting">
      <p role="status">{chat.broken ?? words.starting}</p>
      {chat.broken && (
        <button class="primary" onClick={act.reconnect}>
          {words.again}
        </button>
      )}
    </main>
  );
}
