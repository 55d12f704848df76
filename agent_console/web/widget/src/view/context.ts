/** What every view needs: the words of the language, and what the customer can do. */
import { createContext } from "preact";
import { useContext } from "preact/hooks";
import type { Actions } from "../actions";
import type { Words } from "../words";

export interface Surroundings {
  words: Words;
  lang: string;
  act: Actions;
}

export const Surrounding = createContext<Surroundings>(null as unknown as Surroundings);
export const useChat = (): Surroundings => useContext(Surrounding);
