/** Keeps text readable whatever accent colour a shop chooses (WCAG contrast of at least 4.5). */

export const DEFAULT_ACCENT = "#C2410C";
const READABLE = 4.5;
const NEARLY = 3;

type Rgb = [number, number, number];

function parse(hex: string): Rgb | null {
  const digits = /^#?([0-9a-f]{6}|[0-9a-f]{3})$/i.exec(hex.trim())?.[1];
  if (!digits) return null;
  const full = digits.length === 3 ? digits.replace(/./g, "$&$&") : digits;
  return [0, 2, 4].map((at) => parseInt(full.slice(at, at + 2), 16)) as Rgb;
}

const toHex = (rgb: Rgb): string => "#" + rgb.map((part) => part.toString(16).padStart(2, "0")).join("");

const luminance = (rgb: Rgb): number => {
  const [r, g, b] = rgb.map((part) => {
    const share = part / 255;
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  }) as Rgb;
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
};

const ratio = (one: Rgb, other: Rgb): number => {
  const [low, high] = [luminance(one), luminance(other)].sort((a, b) => a - b) as [number, number];
  return (high + 0.05) / (low + 0.05);
};

export const contrast = (one: string, other: string): number => ratio(parse(one) ?? [0, 0, 0], parse(other) ?? [0, 0, 0]);

const WHITE: Rgb = [255, 255, 255];
const mix = (rgb: Rgb, other: Rgb, share: number): Rgb =>
  rgb.map((part, index) => Math.round(part + ((other[index] ?? 0) - part) * share)) as Rgb;

export interface Palette {
  /** Fills: buttons, badge. */
  accent: string;
  /** Text on a fill. */
  onAccent: string;
  /** The accent as text on white, and on `tint`: darkened until it can be read. */
  ink: string;
  /** The customer's own bubbles. */
  tint: string;
}

export function palette(wanted: string | null | undefined): Palette {
  const rgb = parse(wanted ?? "") ?? (parse(DEFAULT_ACCENT) as Rgb);
  const tint = mix(rgb, WHITE, 0.88);
  // White on orange or blue is what people expect: such a colour is darkened a little. Yellow gets dark text.
  const isLight = ratio(rgb, WHITE) < NEARLY;
  const fill = isLight ? rgb : darkened(rgb, WHITE);
  return {
    accent: toHex(fill),
    onAccent: isLight ? "#1c1917" : "#ffffff",
    ink: toHex(darkened(rgb, tint)),
    tint: toHex(tint),
  };
}

function darkened(rgb: Rgb, beside: Rgb): Rgb {
  let dark = rgb;
  while (ratio(dark, beside) < READABLE) dark = mix(dark, [0, 0, 0], 0.06);
  return dark;
}
