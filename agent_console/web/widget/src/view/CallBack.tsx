/** Asks for a call where nobody is there to write with; the number goes to the staff only. */
import { h } from "preact";
import { useState } from "preact/hooks";
import { useChat } from "./context";

export function CallBack({ guest }: { guest: boolean }) {
  const { words, act } = useChat();
  const [isOpen, setOpen] = useState(false);
  const [phone, setPhone] = useState("");
  const [busy, setBusy] = useState(false);
  const number = phone.replace(/[\s-]/g, "");
  const isReady = /^\+?\d{7,15}$/.test(number) || (!guest && !number);
  if (!isOpen)
    return (
      <button class="chip" data-testid="call-back" onClick={() => setOpen(true)}>
        {words.callBack}
      </button>
    );
  return (
    <form
      class="call"
      onSubmit={(event) => {
        event.preventDefault();
        if (!isReady || busy) return;
        setBusy(true);
        void act.callBack(number).then((done) => {
          setBusy(false);
          if (done) setOpen(false);
        });
      }}
    >
      <input
        type="tel"
        inputmode="tel"
        autocomplete="tel"
        maxlength={20}
        value={phone}
        aria-label={words.phone}
        placeholder={guest ? words.phone : words.phoneKnown}
        data-testid="call-phone"
        onInput={(event) => setPhone(event.currentTarget.value)}
      />
      <button class="primary" data-testid="call-submit" disabled={!isReady || busy}>
        {words.callBack}
      </button>
    </form>
  );
}
