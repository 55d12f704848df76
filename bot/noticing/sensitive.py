"""Words after which a person must look at once: authorities, lawyers, press, bodily harm, danger to oneself."""

from __future__ import annotations

import re
from typing import Optional

from bot.noticing.trigger import Trigger
from bot.noticing.words import any_of, finder
from bot.text import fold

_AUTHORITIES = r"""
    (?<!\d)(?:12315|12345|3[·.]15(?!元|块|号|活动|大促|折|kg|米))(?!\d)
    消协 消费者协会 消费者权益 工商局 工商部门 市场监管 市监局 质检局
    律师(?!证|考试|袍) 起诉 法院 打官司 诉讼 法律途径 走法律 维权 报警 派出所 公安
"""
_PRESS = "媒体 记者 (?<!长)曝光(?!度|时间|补偿) 电视台 发微博 发抖音 上热搜 黑猫投诉"
_HARM = (
    "人身(?=安全|伤害|攻击|威胁|损害|损失|受) 受伤 烫伤 划伤 烧伤 触电 爆炸 起火 着火 自燃 中毒 过敏 进医院 住院 送医"
)
_FRAUD = "诈骗 骗钱 假货 售假 泄露.{0,4}(?:信息|隐私|电话) (?:信息|隐私|手机号).{0,4}泄露"
_SERIOUS = finder(_AUTHORITIES, _PRESS, _HARM, _FRAUD)
_DANGER = finder("自杀 不想活 轻生 想死 活不下去 割腕 跳楼(?!价|甩)")

_ASKED_ABOUT = (
    any_of("会不会 会 容易 怕 是否 能不能 不会 防止 避免 防")
    + ".{0,3}"
    + any_of("过敏 中毒 触电 爆炸 起火 着火 自燃 烫伤 受伤 划伤")
)
_ALLERGIC_BY_NATURE = (
    # 对花生过敏的能吃吗; 用了过敏了能退吗 tells of a harm.
    "(?<!用了)(?<!吃了)(?<!穿了)(?<!擦了)(?<!抹了)(?<!涂了)(?<!戴了)过敏(?!了).{0,8}"
    + any_of("能 可以 可不可以 适合 敢")
    + ".{0,2}"
    + any_of("吃 用 穿 喝 涂 抹 擦 戴 买 养 盖 睡"),
    # 吃了你家花生过敏 is a harm again.
    "(?<!家)(?<!们)(?<!的)(?<!了)(?<!吃)(?<!用)(?<!喝)"
    + any_of("花生 坚果 牛奶 奶粉 蛋白 鸡蛋 海鲜 豆制?品? 麸质 酒精 乳胶 花粉 尘螨 芒果 羽绒 羊毛 金属 香精 鸡肉")
    + "过敏(?!了)",
    "对[^这你我,，。]{1,6}过敏(?!了)",
    "(?:^|[,，。 ])过敏(?!了).{0,4}" + any_of("包退 能退 可以退 退不退 能不能退 退吗"),
)
_ASKED_IN_GENERAL = (
    # How something is recognised or what the rule is, not that it happened.
    any_of("怎么 如何 怎样 咋 教我")
    + ".{0,4}"
    + any_of("辨别 鉴别 识别 分辨 区分 辨认 判断 看出来? 防范? 防止 避免 查验 验证")
    + ".{0,6}"
    + any_of("假货 诈骗 售假"),
    any_of("怕 担心 会不会 不会是? 万一 如果 要是 假如 保证不是 有没有 卖不卖 是否")
    + any_of("买到 收到 遇到 碰到 是 有 会 买的")
    + "*"
    + any_of("假货 诈骗 当诈骗"),
    "(?<!我)(?<!给我)(?:买到|收到|遇到|碰到)假货(?!了).{0,3}"
    + any_of("怎么赔 怎么补偿 赔 如何赔 怎样赔 咋赔 能赔 有赔 怎么办 怎么处理"),
    "假货(?!了).{0,2}" + any_of("赔几倍? 怎么赔 包赔 包退 赔多少"),
    any_of("会不会 会 怕 担心 防止 防 避免 不会 能不能不 是否会?") + "被?你?们?" + "泄露",
    any_of("个人信息 信息 隐私 电话") + ".{0,2}(?:会|会不会|不会|容易).{0,2}泄露",
    any_of("泄露") + ".{0,4}" + any_of("怎么防 如何防 吗$"),
)
_NAMES_OF_THINGS = any_of(
    """
    抗过敏 防过敏 过敏(?:肌|体质|皮|人群|源|原|性?鼻炎|季) 低过敏 是不是假货 假货[吗么嘛]|是假货吧|^假货吧 不是假货
    防.{0,2}(?:爆炸|触电|起火) (?:宝宝|孕妇|敏感).{0,6}过敏吗 自媒体 新媒体 多媒体 流媒体 媒体播放 人身意外险
    爆炸(?:盐|头) 报警(?:器|声|灯|功能|提示|音) (?:烟雾|燃气|煤气|低电|超温|自动|防盗|温度).{0,2}报警
    律师事务所.{0,3}(?:抬头|税号|收) 抬头.{0,16}(?:律师|法院|公安) (?:防|反)诈骗
    (?:法院|派出所|公安局?|工商局|质检局|律师事务所|电视台)(?:旁|附近|对面|隔壁|门口|宿舍|家属|小区|大院|大厦|收发室|后面|路|街)
    (?:送到|寄到|地址|改到|送去).{0,20}(?:法院|派出所|公安局|市场监管局|电视台|律师事务所)
    (?:好评|晒单?|分享).{0,6}发(?:抖音|微博) 发(?:抖音|微博).{0,4}(?:返现|有奖|晒|好评|分享|推荐)
    (?:手机|电脑|系统)中毒 着火点
"""
)
# Addresses and titles of an invoice among them.
_HARMLESS = re.compile("|".join((_ASKED_ABOUT, *_ALLERGIC_BY_NATURE, *_ASKED_IN_GENERAL, _NAMES_OF_THINGS)))
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
