/** Asks at the end whether it helped; silence is never counted as "solved". */
import { h, Fragment } from "preact";
import { useState } from "preact/hooks";
import { useChat } from "./context";
import { Icon } from "./Icon";

/** Up to here it is worth asking why. */
const LOW = 3;

export function Rating() {
  const { words, act } = useChat();
  const [solved, setSolved] = useState<boolean | null>(null);
  const [stars, setStars] = useState(0);
  const [reasons, setReasons] = useState<string[]>([]);
  const [text, setText] = useState("");
  const [busy, setBusy] = useState(false);
  const low = solved === false || (stars > 0 && stars <= LOW);

  async function submit(event: Event) {
    event.preventDefault();
    if (solved === null || busy) return;
    setBusy(true);
    const stored = await act.rate({ solved, stars: stars || null, reasons: low ? reasons : [], text: text.trim() });
    if (!stored) setBusy(false);
  }

  return (
    <form class="rating" data-testid="rating" aria-label={words.rate} onSubmit={submit}>
      <b>{words.rateSolved}</b>
      <div class="verdict" role="group" aria-label={words.rateSolved}>
        {[true, false].map((yes) => (
          <button
            type="button"
            class={`chip big ${solved === yes ? "on" : ""}`}
            aria-pressed={solved === yes}
            data-testid={yes ? "rate-solved" : "rate-unsolved"}
            onClick={() => setSolved(yes)}
          >
            {yes ? words.solved : words.unsolved}
          </button>
        ))}
      </div>
      {solved !== null && (
        <>
          <div class="stars" role="radiogroup" aria-label={words.stars}>
            {[1, 2, 3, 4, 5].map((count) => (
              <label class={count <= stars ? "on" : ""} key={count}>
                <input
                  type="radio"
                  name="stars"
                  class="sr"
                  aria-label={words.star(count)}
                  data-testid={`star-${count}`}
                  checked={count === stars}
                  onChange={() => setStars(count)}
                />
                <Icon name="star" />
              </label>
            ))}
          </div>
          {low && (
            <div class="verdict" role="group" aria-label={words.reasons}>
              <span class="small wide">{words.reasons}</span>
              {words.reasonList.map((reason) => {
                const on = reasons.includes(reason);
                return (
                  <button
                    type="button"
                    key={reason}
                    class={`chip ${on ? "on" : ""}`}
                    aria-pressed={on}
                    data-testid="rate-reason"
                    onClick={() => setReasons(on ? reasons.filter((one) => one !== reason) : [...reasons, reason])}
                  >
                    {reason}
                  </button>
                );
              })}
            </div>
          )}
          <textarea
            rows={2}
            maxLength={500}
            aria-label={words.comment}
            placeholder={words.comment}
            value={text}
            onInput={(event) => setText(event.currentTarget.value)}
          />
          <button class="primary" data-testid="rate-submit" disabled={busy}>
            {words.submit}
          </button>
        </>
      )}
    </form>
  );
}
