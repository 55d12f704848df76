/** Shows an answer's rich text: parsed in a lifeless document, rebuilt from a short list of harmless elements. */
import { type ComponentChildren, createElement, h, type VNode } from "preact";
import { useMemo } from "preact/hooks";

const KEPT = new Set("p br b strong i em u ul ol li a h3 h4 blockquote code table tbody tr th td img".split(" "));
/** Whose content is not text for people. */
const DROPPED = new Set("script style template iframe object svg math head title noscript textarea".split(" "));

const web = (address: string | null): string | null => {
  try {
    const url = new URL(address ?? "", location.href);
    return /^https?:$/.test(url.protocol) ? url.href : null;
  } catch {
    return null;
  }
};

function attributes(element: Element, tag: string): Record<string, string> | null {
  if (tag === "a") {
    const href = web(element.getAttribute("href"));
    return href ? { href, target: "_blank", rel: "noopener noreferrer nofollow" } : {};
  }
  if (tag === "img") {
    const src = web(element.getAttribute("src"));
    return src ? { src, alt: element.getAttribute("alt") ?? "", loading: "lazy" } : null;
  }
  return {};
}

function rebuilt(parent: Node): ComponentChildren[] {
  return Array.from(parent.childNodes, (node): ComponentChildren => {
    if (node.nodeType === 3) return node.nodeValue;
    if (node.nodeType !== 1) return null;
    const tag = (node as Element).localName;
    if (DROPPED.has(tag)) return null;
    if (!KEPT.has(tag)) return rebuilt(node);
    const safe = attributes(node as Element, tag);
    return safe && createElement(tag, safe, ...(tag === "br" || tag === "img" ? [] : rebuilt(node)));
  });
}

export function Rich({ html }: { html: string }): VNode {
  const content = useMemo(() => rebuilt(new DOMParser().parseFromString(html, "text/html").body), [html]);
  return <div class="rich">{content}</div>;
}

/** Plain words with web addresses made tappable; everything stays text. */
export const Plain = ({ text }: { text: string }): VNode => (
  <p class="plain">
    {text.split(/(https?:\/\/[\w\-./?%&=#:~+,;@!$*]+)/).map((part, index) =>
      index % 2 ? (
        <a href={part} target="_blank" rel="noopener noreferrer nofollow">
          {part}
        </a>
      ) : (
        part
      ),
    )}
  </p>
);
