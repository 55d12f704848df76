import { expect, test } from "vitest";
import { contrast, DEFAULT_ACCENT, palette } from "../src/state/colour";

test.each(["#C2410C", "#FF5000", "#FFD100", "#ffffff", "#000000", "#07C160", "#1677ff", "#abc"])(
  "text stays readable with the accent %s",
  (colour) => {
    const { accent, onAccent, ink, tint } = palette(colour);

    expect(contrast(onAccent, accent)).toBeGreaterThanOrEqual(4.5);
    expect(contrast(ink, "#ffffff")).toBeGreaterThanOrEqual(4.5);
    expect(contrast(ink, tint)).toBeGreaterThanOrEqual(4.5);
    expect(contrast("#1c1917", tint)).toBeGreaterThanOrEqual(4.5);
    expect(contrast("#6b625c", tint)).toBeGreaterThanOrEqual(4.5);
  },
);

test("what is no colour becomes the default", () => {
  for (const wanted of [null, "", "red;background:url(x)", "#12"]) expect(palette(wanted).accent).toBe(DEFAULT_ACCENT.toLowerCase());
});
