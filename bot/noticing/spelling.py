"""Reads what was meant where a person is asked for in sounds, look-alike signs or slips: zhuan rg, 转任工, 联系课服."""

from __future__ import annotations

import re

from bot.text import fold

_SPACED_OUT = re.compile(r"(?<=[转人工真客])[ .。、~*_/\-❤\ufe0f]+(?=[人工服转])")
"""转 人 工, the way people write who met a bot that pretended not to understand."""

_SOUNDS = [
    (re.compile(sound), word)
    for sound, word in (
        (r"ㄖㄣˊ? ?ㄍㄨㄥ", "人工"),
        (r"ㄎㄜˋ? ?ㄈㄨˊ?", "客服"),
        (r"ㄓㄨㄢˇ? ?(?=人工|客服)", "转"),
        (r"(?<![a-z])z?rgkf(?![a-z0-9])", "转人工客服"),
        (r"(?<![a-z])zrg(?:fw)?(?![a-z0-9])", "转人工"),
        (r"(?<![a-z])rg(?:fw)?(?![a-z0-9])", "人工"),
        (r"(?<![a-z])z?kf(?![a-z0-9])", "客服"),
        (r"ren ?(?:gong|工)|人 ?gong", "人工"),
        (r"(?:(?<![a-z])ke|ke(?=fu)|客) ?f(?:u|uwu)?(?![a-z])|(?<![a-z])ke ?服", "客服"),
        (r"zhen ?ren(?![a-z])|zhen人|真ren(?![a-z])", "真人"),
        (r"zhuan ?(?=人工|真人|客服|ren)", "转"),
        (r"(?<![a-z])wo ?yao ?(?=人工|真人|客服|转|找)", "我要"),
        (r"(?<![a-z])zhao ?(?=人工|真人|客服)", "找"),
        (r"(?<![a-z])jiao ?(?=人工|真人|客服)", "叫"),
        (r"(?<![a-z])jie ?(?=人工|真人|客服)", "接"),
        (r"(?<![a-z])yao ?(?=人工|真人|客服)", "要"),
    )
]
"""In this order: the verbs are read only beside a word that the lines before them made."""

# What follows in the brackets makes another word of it: 人公司, 认功能, 刻服装.
_LIKE_PERSON_AT_WORK = re.compile(
    "[人任仁壬认忍入亽亻λㄖ⼈](?:功(?!能|夫|效)|公(?!司|里|园|开|分|斤|寓|告|交|共|主|平|顷|积)|[攻供宫弓恭エ⼯])"
    "|[仁壬亽亻λㄖ⼈]工|(?<=转)[任认忍入]工|人贡|人共(?!有)"
)
_LIKE_SERVICE = re.compile(
    "[刻课科咳棵](?:服(?!务|饰|装|用)|付(?!款)|[扶夫福]|复(?!印|制))|客[副付扶福夫](?!款)|(?<=[转找接叫系要])[克可]服"
)


def respelt(text: str) -> str:
    """Folded; unlike what `fold` returns it may be shorter or longer than `text`."""
    read = _SPACED_OUT.sub("", fold(text))
    for sound, word in _SOUNDS:
        read = sound.sub(word, read)
    return _LIKE_SERVICE.sub("客服", _LIKE_PERSON_AT_WORK.sub("人工", read))
