/** What the customer can do. Views call these; the connection side carries them out. */
import type { Body } from "./protocol";

export interface Rating {
  solved: boolean;
  stars: number | null;
  reasons: string[];
  text: string;
}

export interface Actions {
  say(body: Body): void;
  sendPicture(file: Blob): void;
  retry(id: string): void;
  drop(id: string): void;
  askPerson(): void;
  cancelWaiting(): void;
  /** Resolves to whether the call was promised. */
  callBack(phone: string): Promise<boolean>;
  judge(seq: number, helpful: boolean): void;
  /** Resolves to whether the rating was stored. */
  rate(rating: Rating): Promise<boolean>;
  /** The words in the input box have changed. */
  typing(text: string): void;
  seen(seq: number): void;
  older(): void;
  dismissProduct(): void;
  reconnect(): void;
  minimise(): void;
}
