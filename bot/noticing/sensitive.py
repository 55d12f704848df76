"""Words after which a person must look at once: authorities, lawyers, press, bodily harm, danger to oneself."""

from __future__ import annotations

import re
from typing import Optional

from bot.noticing.trigger import Trigger
from bot.noticing.words import any_of, finder
from bot.text import fold

_AUTHORITIES = r"""
    (?<!\d)(?:12315|12345|3[·.]15)(?!\d) 消协 消费者协会 消费者权益 工商局 工商部门 市场监管 市监局 质检局
    律师(?!证|考试|袍) 起诉 法院 打官司 诉讼 法律途径 走法律 维权 报警 派出所 公安
"""
_PRESS = "媒体 记者 曝光(?!度) 电视台 发微博 发抖音 上热搜 黑猫投诉"
_HARM = "人身 受伤 烫伤 划伤 烧伤 触电 爆炸 起火 着火 自燃 中毒 过敏 进医院 住院 送医"
_FRAUD = "诈骗 骗钱 假货 售假 泄露.{0,4}(?:信息|隐私|电话) 个人信息.{0,4}泄露"
_SERIOUS = finder(_AUTHORITIES, _PRESS, _HARM, _FRAUD)
_DANGER = finder("自杀 不想活 轻生 想死 活不下去 割腕 跳楼(?!价|甩)")

_ASKED_ABOUT = (
    any_of("会不会 会 容易 怕 是否 能不能 不会 防止 避免 防")
    + ".{0,3}"
    + any_of("过敏 中毒 触电 爆炸 起火 着火 自燃 烫伤 受伤 划伤")
)
_HARMLESS = re.compile(
    _ASKED_ABOUT
    + "|"
    + any_of(
        """
    抗过敏 过敏(?:肌|体质|皮|人群|源|性?鼻炎) 是不是假货 假货吗 不是假货 防.{0,2}(?:爆炸|触电|起火)
    (?:宝宝|孕妇|敏感).{0,6}过敏吗 自媒体 新媒体 多媒体 流媒体 媒体播放 人身意外险
"""
    )
)
"""会不会过敏 asks about a product, 过敏了 reports a harm."""


def sensitive_word(text: str) -> Optional[Trigger]:
    """None when nothing serious is said."""
    folded = fold(text)
    danger = _DANGER.search(folded)
    if danger:
        return Trigger("sensitive_word", 1.0, text[danger.start() : danger.end()])
    harmless = [match.span() for match in _HARMLESS.finditer(folded)]
    for match in _SERIOUS.finditer(folded):
        if not any(start < match.end() and match.start() < end for start, end in harmless):
            return Trigger("sensitive_word", 1.0, text[match.start() : match.end()])
    return None
