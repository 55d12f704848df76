/** The whole chat on one screen; knows the state, never the network. */
import { useEffect, useState } from "preact/hooks";
import type { Store } from "../state/store";
import { Composer } from "./Composer";
import { Surrounding, useChat, type Surroundings } from "./context";
import { Banners, Header } from "./Header";
import { Thread } from "./Thread";

export function App({ store, around, embedded }: { store: Store; around: Surroundings; embedded: boolean }) {
  const [chat, setChat] = useState(store.get());
  useEffect(() => {
    store.watch((now) => setChat(now));
    setChat(store.get());
  }, [store]);
  return (
    <Surrounding.Provider value={around}>
      <Header chat={chat} embedded={embedded} />
      <Banners chat={chat} />
      {chat.session ? <Thread chat={chat} /> : <Start detail={chat.broken} />}
      <Composer chat={chat} />
      <div class="toast" role="status" data-testid="toast">
        {chat.toast}
      </div>
    </Surrounding.Provider>
  );
}

function Start({ detail }: { detail: string | null }) {
  const { words, act } = useChat();
  return (
    <main class="start" data-testid="starting">
      <p role="status">{detail ?? words.starting}</p>
      {detail && (
        <button class="primary" onClick={act.reconnect}>
          {words.again}
        </button>
      )}
    </main>
  );
}
