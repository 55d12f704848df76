// @vitest-environment happy-dom
import { h, render } from "preact";
import { expect, test, vi } from "vitest";
import { Plain, Rich } from "../src/view/Rich";

function shown(element: ReturnType<typeof Rich>): HTMLElement {
  const place = document.createElement("div");
  render(element, place);
  return place;
}
const rich = (html: string) => shown(<Rich html={html} />);

test("formatting of an answer is kept", () => {
  const place = rich('<p>运费<strong>由您承担</strong></p><ul><li>一</li></ul><a href="https://example.com/a">帮助</a>');

  expect(place.querySelector("strong")?.textContent).toBe("由您承担");
  expect(place.querySelectorAll("li")).toHaveLength(1);
  expect(place.querySelector("a")?.getAttribute("rel")).toContain("noopener");
});

test.each([
  "<script>alert(1)</script>好",
  '<img src="x" onerror="alert(1)">好',
  '<a href="javascript:alert(1)">好</a>',
  '<object data="x"><embed src="x" /></object>好',
  '<svg onload="alert(1)"></svg>好',
  '<p style="position:fixed" class="ask" onclick="alert(1)" id="app">好</p>',
  '<form action="/x"><input name="a"><button>好</button></form>',
])("nothing that could act survives: %s", (html) => {
  const place = rich(html);

  expect(place.innerHTML).not.toMatch(/script|onerror|onload|onclick|object|embed|svg|style=|id=|<form|<input|<button/);
  expect(place.textContent).toContain("好");
});

test("what a person typed stays text, and only web addresses become links", () => {
  const place = shown(<Plain text={"<b>粗</b> https://example.com/a?b=1 javascript:alert(1)"} />);

  expect(place.querySelector("b")).toBeNull();
  expect([...place.querySelectorAll("a")].map((link) => link.getAttribute("href"))).toEqual(["https://example.com/a?b=1"]);
});

test("an answer is parsed once, not at every change of the chat", () => {
  const parse = vi.spyOn(DOMParser.prototype, "parseFromString");
  const place = document.createElement("div");
  render(<Rich html="<p>好</p>" />, place);
  render(<Rich html="<p>好</p>" />, place);

  expect(parse).toHaveBeenCalledTimes(1);
});
