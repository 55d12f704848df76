// @vitest-environment happy-dom
import { h, render } from "preact";
import { beforeEach, expect, test, vi } from "vitest";
import type { Actions } from "../src/actions";
import { Composer } from "../src/view/Composer";
import { surround } from "../src/view/context";
import { first } from "../src/words/zh";
import { rest } from "../src/words/zh_rest";
import { begun } from "./samples";

const say = vi.fn();
let box: HTMLTextAreaElement;

beforeEach(async () => {
  say.mockClear();
  surround({ words: { ...first, ...rest }, lang: "zh-CN", act: { say, typing: () => {} } as unknown as Actions });
  document.body.innerHTML = "<div></div>";
  render(<Composer chat={begun()} extras={undefined} />, document.body.firstElementChild!);
  box = document.querySelector("textarea")!;
});

async function write(text: string) {
  box.value = text;
  box.dispatchEvent(new InputEvent("input", { bubbles: true }));
  await Promise.resolve();
}
const enter = (more: KeyboardEventInit = {}) =>
  box.dispatchEvent(new KeyboardEvent("keydown", { key: "Enter", bubbles: true, cancelable: true, ...more }));

test("Enter sends what is written, without the spaces around it", async () => {
  await write("  您好 ");
  enter();

  expect(say).toHaveBeenCalledWith({ type: "text", text: "您好" });
});

test("Enter that belongs to an input method sends nothing", async () => {
  await write("ni'hao");
  enter({ isComposing: true });
  enter({ keyCode: 229 });

  expect(say).not.toHaveBeenCalled();
});

test("Shift+Enter is a new line, and nothing is never sent", async () => {
  await write("您好");
  enter({ shiftKey: true });
  await write("   ");
  enter();

  expect(say).not.toHaveBeenCalled();
});
