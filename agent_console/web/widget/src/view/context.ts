/** What every view needs: the words of the language, and what the customer can do. Set once, before the first view. */
import type { Actions } from "../actions";
import type { Words } from "../words/words";

export interface Surroundings {
  words: Words;
  lang: string;
  act: Actions;
}

let around: Surroundings;

export const surround = (surroundings: Surroundings): void => {
  around = surroundings;
};

export const useChat = (): Surroundings => around;
