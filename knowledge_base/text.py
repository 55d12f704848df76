"""Brings what people type into one form before it is compared: width, script, emoji, repeats, numbers, greetings."""

from __future__ import annotations

import logging
import math
import re
import threading
import unicodedata
import warnings
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path

import opencc

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # jieba's source has escape sequences that newer Pythons frown on
    import jieba

from knowledge_base.chat_marks import without_marks

MAX_SEARCHED = 500
"""Longer texts are cut in the middle: an embedding of more holds nothing definite, and a customer's question is
at the beginning or at the end."""

ADDRESS = r"(?:https?://|www\.)[^\s\u4e00-\u9fff，。！？]+"
LINK = re.compile(rf"{ADDRESS}|(?:【[^】]{{0,40}}】)?(?:淘口令|￥[A-Za-z0-9]{{8,14}}￥)")
PHONE = re.compile(r"(?<!\d)(?:\+?86[- ]?)?1[3-9]\d(?:[- ]?\d{4}){2}(?!\d)")
EMAIL = re.compile(r"[A-Za-z0-9._%+-]{1,64}@[A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63})+")
ID_CARD = re.compile(r"(?<!\d)\d{17}[\dXx](?![\dA-Za-z])")
ORDER = re.compile(
    r"(?:订单(?:编?号)?[是为:：\s]*)?(?<![A-Za-z0-9])(?=[A-Za-z0-9-]*\d{6})[A-Za-z]{0,4}\d[\d-]{8,30}(?![A-Za-z0-9])"
)
PLACEHOLDERS = ((LINK, "链接"), (EMAIL, "邮箱"), (ID_CARD, "身份证号"), (PHONE, "手机号"), (ORDER, "订单号"))

MASK = re.compile(r"\*{2,}")
REPEATED = re.compile(r"(\D)\1{2,}")
REPEATED_MARK = re.compile(r"([!?,.。，！？~～…、;；\s])\1+")
SPACES = re.compile(r"\s+")
WORD_LENGTH, FEWEST_WORDS = 2.5, 3
"""Pieces between spaces that are no longer than this, on average and so many at least, are words that a program cut
apart; people put a space where they pause."""
BESIDE_HAN = re.compile(r"(?<=[\u3400-\u9fff]) | (?=[\u3400-\u9fff])")
GREETING = re.compile(
    r"""^(?:(?:
        您好|你好|嗨喽?|哈喽|hello(?![a-z])|hi(?![a-z])
        |亲爱的|亲亲|亲们|亲(?![友人自戚情密子属身热手生妈爸肤测笔民水口兄])
        |有人在?吗|在不在|在不(?=[\s,，])|在[吗么嘛]|在的(?=[\s,，.。!！~～请])
        |(?:老板|掌柜的?|店主|店家|卖家|小二|客服)(?=[\s,，.。!！~～]*(?:在[吗么嘛不]|您好|你好|请问))
        |我?[想要](?:咨询|了解)(?:一?下)?(?:这[个款件]|以下)?(?:商品|宝贝|产品|订单)(?=[\s,:])[\s,:]*(?:链接(?=[\s,]))?
        |(?:我?想|麻烦|请|打扰)?(?:咨询|请教|请?问)(?:你们|您)?一?下(?![子午])|请问|我?想(?:咨询|请问)|我想问
        |打扰一下|打扰了|(?:我?[想要])?(?:咨询|请教|问)[个你您]问题
        |(?:我想了解|(?:麻烦|请)?帮[我忙]?[看查问])(?:一?下)?(?=[\s,，])
        |(?:客服|对了|还有|再问一?下)(?=[\s,，.。!！~～])
    )[\s,，.。!！?？~～啊呀哦呢]*)+""",
    re.VERBOSE,
)
CLOSING = re.compile(
    r"""[\s,，.。!！?？~～]*(?:
        谢谢(?:你|您|啦|了)?|多谢|感谢|麻烦(?:你|您)?了|在线等
        |(?<=[\s,，.。!！?？~～])(?:(?:请|麻烦)?(?:尽快|快点)?回复(?:一?下)?|请问)
        |(?<=[\s,，.。!！?？~～吗么呢吧啊呀哦了])(?:亲亲?|急急?)
    )?[\s,，.。!！?？~～]*$""",
    re.VERBOSE,
)
LINKS_AROUND = re.compile(rf"^{ADDRESS}(?:\s+{ADDRESS})*\s*|{ADDRESS}(?:\s+{ADDRESS})*\s*$")
"""A product's link before or after the question says nothing of what is asked."""
#: Faces that say how it went; any other picture is dropped, for it is not part of the question.
EMOJI_WORDS = {
    "😡": "生气",
    "😠": "生气",
    "🤬": "生气",
    "😭": "难过",
    "😢": "难过",
    "👍": "好",
    "❓": "?",
    "❔": "?",
    "⁉": "?",
}

_to_simplified = opencc.OpenCC("t2s")


def without_emoji(text: str) -> str:
    def kept(character: str) -> str:
        if character in EMOJI_WORDS:
            return EMOJI_WORDS[character]
        category = unicodedata.category(character)
        return "" if category in {"So", "Sk", "Cs", "Co", "Cn", "Cc", "Cf", "Mn"} else character

    return "".join(map(kept, text))


def masked(text: str) -> str:
    """The text as it may be stored: links, phones, mail addresses, card and order numbers are replaced by a word."""
    plain = unicodedata.normalize("NFKC", text.replace("\0", ""))
    for pattern, word in PLACEHOLDERS:
        plain = pattern.sub(f"[{word}]", plain)
    return SPACES.sub(" ", plain).strip()


def shortened(text: str) -> str:
    if len(text) <= MAX_SEARCHED:
        return text
    half = MAX_SEARCHED // 2
    return f"{text[:half]} {text[-half:]}"


@lru_cache(maxsize=20_000)
def normalised(text: str) -> str:
    """One form for stored and asked questions. Empty only if nothing but white space and pictures was there."""
    cut = without_marks(shortened(text))
    bare = LINKS_AROUND.sub("", cut)
    plain = normalised_long(bare if bare.strip() else cut)
    for edge in (GREETING, CLOSING):
        shorter = edge.sub("", plain).strip()
        plain = shorter or plain
    return plain


def normalised_long(text: str) -> str:
    """The same for a whole document: nothing is cut off."""
    plain = unicodedata.normalize("NFKC", text.replace("\0", " "))
    plain = _to_simplified.convert(SPACES.sub(" ", plain)).lower()
    plain = without_emoji(plain)
    for pattern, word in PLACEHOLDERS:
        plain = pattern.sub(word, plain)
    plain = MASK.sub("几", plain)
    plain = REPEATED_MARK.sub(r"\1", plain)
    plain = REPEATED.sub(r"\1\1", plain)
    return _put_together(plain.strip())


def _put_together(text: str) -> str:
    pieces = text.split(" ")
    are_words = len(pieces) >= FEWEST_WORDS and sum(map(len, pieces)) <= WORD_LENGTH * len(pieces)
    return BESIDE_HAN.sub("", text) if are_words else text


def lines_of(path: Path) -> list[str]:
    """The lines of a word list, without comments and blank ones."""
    lines = (line.split("#")[0].strip() for line in path.read_text(encoding="utf-8").splitlines())
    return [line for line in lines if line]


#: Words that carry no topic. A question of nothing else cannot be answered, only asked back.
EMPTY_WORDS = frozenset(lines_of(Path(__file__).with_name("empty_words.txt")))

USUAL_FREQUENCY = 1000
"""Given to our words without one: enough to win over the same characters cut apart."""

ELLIPTICAL = re.compile(r"(?:那|那么|还有)?[^\s,，。!！?？]{1,6}呢")
ASKS = re.compile("[吗么什谁哪几多少咋啥怎为何能会可要是有没不]")


def is_elliptical(question: str) -> bool:
    """Whether it only names its topic (「那运费呢」) and leaves what is asked to the line before it."""
    return ELLIPTICAL.fullmatch(question) is not None and ASKS.search(question.removeprefix("那么")) is None


PAUSE = re.compile(r"[\s,，。!！;；~～]+|\.(?!\d)")
PURCHASE = re.compile("买|拍[了的下]|下单|下[了的]单|订[了的]")
SAYS_MORE = re.compile("[吗么谁哪咋怎呢?几能会没不坏错少漏退换]|什么|多[少久大长]|可以|有没有|是不是|取消")
SHORTEST_QUESTION = 4


def after_purchase(question: str) -> str | None:
    """What follows when it opens with nothing but what was bought (「我昨天买的耳机,」); None if it does not."""
    begins = 0
    for pause in PAUSE.finditer(question):
        said = question[begins : pause.start()]
        if not PURCHASE.search(said) or SAYS_MORE.search(said):
            break
        begins = pause.end()
    return question[begins:] if 0 < begins <= len(question) - SHORTEST_QUESTION else None


_words = jieba.Tokenizer()
_words_ready = threading.Lock()
_loaded: set[str] = set()


def use_dictionary(*extra: Path) -> None:
    """Load jieba with our words and every given file that exists; quietly, once, also when threads race."""
    with _words_ready:
        logging.getLogger("jieba").setLevel(logging.WARNING)
        _words.initialize()
        for path in (Path(__file__).with_name("words.txt"), *extra):
            if str(path) in _loaded or not path.exists():
                continue
            for line in lines_of(path):
                word, *rest = line.split()
                _words.add_word(word, int(rest[0]) if rest and rest[0].isdigit() else USUAL_FREQUENCY)
            _loaded.add(str(path))
        words.cache_clear()


@lru_cache(maxsize=20_000)
def words(text: str) -> tuple[str, ...]:
    """jieba's words of an already normalised text, without white space and punctuation."""
    return tuple(word for word in _words.lcut(text) if any(character.isalnum() for character in word))


def topic_words(text: str) -> tuple[str, ...]:
    """The words that say what it is about; empty for 「怎么弄啊」."""
    return tuple(word for word in words(text) if word not in EMPTY_WORDS)


def frequencies() -> Mapping[str, int]:
    """How often jieba's words were counted, ours among them; 0 for what is only the beginning of a word."""
    counted: Mapping[str, int] = _words.FREQ
    return counted


def total_frequency() -> int:
    return int(_words.total)


def rarity(word: str) -> float:
    """Of a word in general Chinese: the negative logarithm of its share of all words."""
    return math.log(total_frequency() / (1 + frequencies().get(word, 0)))
