"""How upset a customer is, from 0 to 1, by words, intensity and form; neutral questions must stay near 0.

What the words alone say is one sign of the trained head (bot/components/line_heads.py), which decides.
"""

from __future__ import annotations

import re
from typing import Optional

from bot.noticing.trigger import Trigger
from bot.noticing.words import finder
from bot.text import fold

WORTH_REPORTING = 0.6
"""Chosen on training_data/evaluation/emotion_dev.tsv for at most one false alarm in twenty neutral lines."""

_STRONG = finder(
    """
    垃圾 骗子 骗人 坑人 坑爹 坑我 太坑 无语死 气死 气炸 火大 恶心 无耻 不要脸 滚蛋 ^滚$ 去死 有病吧 脑残
    智障 傻[逼bx叉比] (?<![a-z])sb(?![a-z]) (?<![a-z])tmd(?![a-z]) 他妈 妈的 尼玛 草泥马 狗屁 放屁 王八
    混蛋 缺德 黑心 黑店 奸商 忍无可忍 欺人太甚 欺负人 坑货 神经病 当我傻 窝火 气人 烦透 可恶 不像话 过分
    心寒 寒了 割韭菜 杀熟 有没有脑子 失望透 什么玩意 忍不了 滚(?=$|[吧蛋]) 耍我 耍人 玩我呢 忽悠 什么破
    破店 破快递 烂店 太烂 再也不(?:会)?来 再也不买 最差 差劲 糟透 崩溃 离谱 太过分 岂有此理 不可理喻
"""
)
_MILD = finder(
    """
    不靠谱 糊弄 服气 冷漠 凭什么 欺负 不守信用? 拖拖拉拉 磨蹭 后悔 白花钱 浪费钱 浪费时间 亏大 倒霉 窝囊
    什么服务 烦不烦 害我 害得 折腾 套路 太坑 搞笑呢 也是服 真可以 真行 怎么回事[?？!！]{2} 说得好听 骗我
    哄我 装死 已读不回 没诚意 不专业 不耐烦 冷冰冰 寒心 憋屈 扫兴 买了个寂寞 心凉 糟心 闹心 堵心 无奈
    恼火 火气 上火 头疼 来气 气得 气死 气坏 恨 讨厌 反感 鄙视 呸 丢人 丢脸 差到 差得 差透 次品 山寨
    假的吧 失望 生气 愤怒 不满 无语 郁闷 烦死 好烦 太烦 烦人 着急死 急死 受不了 受够 敷衍 推卸 推脱
    踢皮球 推来推去 不负责 没人管 没人理 不理人 太慢 慢死 太差 很差 好差 差评 糟糕 服了 呵呵(?!哒)
    搞什么 搞毛 什么情况 什么态度 态度.{0,3}(?:差|恶劣|不好) 爱答不理 怎么搞的 怎么回事啊 到底
    还(?:没|不)(?:有)?(?:发货|到|动|更新|处理|解决|退|给|人|回) 一直(?:没|不) 从来没 每次都
    又(?:坏|错|拖|骗) 说话不算 言而无信 不讲信用 答非所问 牛头不对马嘴 听不懂人话 没用 白等 耽误 投诉
    等了.{0,4}(?:天|周|星期|个月|小时) 都.{0,3}(?:天|周|星期|个月)了 拖(?:了|着|到) 虚假 欺骗
"""
)
_INTENSE = finder("太 真的?是? 简直 非常 超级 特别 实在 完全 根本 一点都 从来 到底 究竟 马上 立刻 立马 必须")
_SHOUTING = re.compile(r"[!！]{2,}|[?？]{2,}|[😡🤬😠💢👎😤]")
_SOFT = finder(
    """
    不生气 没生气 不着急 不急 没关系 没事 不(?:是|算)垃圾 垃圾(?:袋|桶|分类|篓|箱|短信|处理) 防骗
    不满意可以 不满.{0,3}(?:元|减|件|包邮)
"""
)

STRONG_LEAVES, MILD_LEAVES, INTENSE_LEAVES, SHOUTING_LEAVES = 0.32, 0.62, 0.85, 0.6
"""Each sign leaves this share of the calm, so that several mild ones add up and none alone is certain."""
SHOUTING_ALONE_LEAVES = 0.75


def lexicon_strength(text: str) -> float:
    folded = _SOFT.sub(" ", fold(text))
    strong, mild = len(_STRONG.findall(folded)), len(_MILD.findall(folded))
    shouts = _SHOUTING.search(text) is not None
    if not strong and not mild:
        return 1.0 - SHOUTING_ALONE_LEAVES if shouts else 0.0
    calm = STRONG_LEAVES**strong * MILD_LEAVES**mild * INTENSE_LEAVES ** min(3, len(_INTENSE.findall(folded)))
    return 1.0 - calm * (SHOUTING_LEAVES if shouts else 1.0)


def negative_emotion(text: str, upset: Optional[float]) -> Optional[Trigger]:
    """`upset` is the head's judgement; where there was nothing to judge (a tap), the words alone decide."""
    strength = lexicon_strength(text) if upset is None else upset
    return Trigger("negative_emotion", strength, text) if strength >= WORTH_REPORTING else None
