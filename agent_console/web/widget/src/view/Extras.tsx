/** What lies above the input box: suggestions while typing, the goods the customer looks at, emoji. */
import { Fragment, h } from "preact";
import { ProductCard } from "./cards";
import type { Extras as ExtrasView } from "./Composer";
import { useChat } from "./context";
import { Icon } from "./Icon";

const EMOJI = [..."😀😄😂🤣😊😍😘🤗🤔😅😮😢😭😤😡🙏👍👎👌💪👏🤝🌹💔🎉🎁🔥✨💰📦🚚"];

export const Extras: ExtrasView = ({ chat, text, emoji, insert, clear }) => {
  const { words, act } = useChat();
  const { product } = chat;
  return (
    <>
      {text && chat.suggestions.length > 0 && (
        <div class="suggestions" role="group" aria-label={words.suggestions} data-testid="suggestions">
          {chat.suggestions.map(({ entry_id, question }) => (
            <button
              key={entry_id}
              data-testid="suggestion"
              onClick={() => {
                act.say({ type: "text", text: question, entry_id });
                clear();
              }}
            >
              {question}
            </button>
          ))}
        </div>
      )}
      {product && (
        <div class="offer" role="group" aria-label={words.product} data-testid="product-offer">
          <ProductCard product={product} />
          <button
            class="primary"
            data-testid="send-product"
            onClick={() => {
              act.say({ type: "product", ...product });
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
        <div class="emoji" role="group" aria-label={words.emoji} data-testid="emoji-panel">
          {EMOJI.map((sign) => (
            <button key={sign} onClick={() => insert(sign)}>
              {sign}
            </button>
          ))}
        </div>
      )}
    </>
  );
};
