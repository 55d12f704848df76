"""One regular expression from a list of words that a person can read and lengthen."""

from __future__ import annotations

import re


def any_of(words: str) -> str:
    """A group of alternatives; the words are parted by blanks and may hold regular expressions without blanks."""
    return f"(?:{'|'.join(words.split())})"


def finder(*lists: str) -> re.Pattern[str]:
    return re.compile("|".join(any_of(words) for words in lists))
