/** Holds the state and tells who watches it; all change goes through the reducer. */
import { newChat, reduce, type Action, type Chat } from "./chat";

export interface Store {
  get(): Chat;
  dispatch(action: Action): void;
  watch(changed: (now: Chat, before: Chat) => void): void;
}

export function createStore(): Store {
  let chat = newChat;
  const watchers: ((now: Chat, before: Chat) => void)[] = [];
  return {
    get: () => chat,
    dispatch(action) {
      const before = chat;
      chat = reduce(chat, action);
      if (chat !== before) for (const changed of watchers) changed(chat, before);
    },
    watch: (changed) => void watchers.push(changed),
  };
}
