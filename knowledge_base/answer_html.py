"""Rich answers: only harmless markup passes, on the way in and again on the way out."""

from __future__ import annotations

import html

import nh3

TAGS = {"p", "br", "b", "strong", "i", "em", "u", "s", "ul", "ol", "li", "a", "blockquote", "code", "h3", "h4", "img",
        "table", "thead", "tbody", "tr", "th", "td", "span", "hr"}  # fmt: skip
ATTRIBUTES = {"a": {"href", "title"}, "img": {"src", "alt", "width", "height"}, "td": {"colspan"}, "th": {"colspan"}}
SCHEMES = {"https", "http", "tel", "mailto"}


def sanitised(markup: str) -> str:
    """The markup without scripts, styles, event handlers and odd links."""
    return nh3.clean(
        markup,
        tags=TAGS,
        attributes=ATTRIBUTES,
        url_schemes=SCHEMES,
        link_rel="noopener noreferrer nofollow",
        set_tag_attribute_values={"a": {"target": "_blank"}},
    )


def of_answer(answer: str, markup: str) -> str:
    """What a page may show: the sanitised markup, or the plain answer as paragraphs if there is none."""
    if markup.strip():
        return sanitised(markup)
    return "".join(f"<p>{html.escape(line.strip())}</p>" for line in answer.splitlines() if line.strip())
