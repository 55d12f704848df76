"""What nobody at the desk should write, and what to write instead; a shop adds its own and may switch these off."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

PhraseKind = Literal["forbidden", "over_promise", "off_platform"]


@dataclass(frozen=True, slots=True)
class Phrase:
    words: str
    kind: PhraseKind
    suggestion: str
    # Other writings that sound and spacing do not explain, such as vx for 微信.
    variants: tuple[str, ...] = ()


_RUDE = "请换成礼貌的说法，先致歉再说明能为客户做什么"
_NOT_MINE = "这个问题我来帮您跟进，确认后第一时间回复您"
_ABSOLUTE = "按实际情况说明，不使用绝对化用语"
_TRANSPORT = "按物流显示预计可以送达，我会继续帮您关注"
_REFUND = "审核通过后款项会原路退回，到账时间以支付渠道为准"
_STAY = "为保障您的权益，请在本平台内沟通和付款"

USUAL: tuple[Phrase, ...] = (
    Phrase("你自己看", "forbidden", "我帮您查一下，请稍等"),
    Phrase("自己去看", "forbidden", "我帮您查一下，请稍等"),
    Phrase("不归我管", "forbidden", _NOT_MINE),
    Phrase("不关我事", "forbidden", _NOT_MINE, ("不关我的事", "关我什么事")),
    Phrase("爱买不买", "forbidden", _RUDE),
    Phrase("爱咋咋地", "forbidden", _RUDE),
    Phrase("随便你", "forbidden", _RUDE, ("随你便",)),
    Phrase("你急什么", "forbidden", "理解您着急，我马上帮您处理", ("急什么急",)),
    Phrase("你有病", "forbidden", _RUDE, ("有病吧", "神经病", "脑子有病")),
    Phrase("傻逼", "forbidden", _RUDE, ("傻b", "煞笔", "沙比", "sb")),
    Phrase("滚蛋", "forbidden", _RUDE, ("给我滚", "滚吧")),
    Phrase("你投诉吧", "forbidden", "非常抱歉给您带来不便，我先帮您解决问题", ("去投诉吧", "随便投诉")),
    Phrase("我也没办法", "forbidden", "目前可以为您这样处理：……，您看可以吗", ("没办法了",)),
    Phrase("说了多少遍", "forbidden", "我再为您说明一下"),
    Phrase("百分之百", "over_promise", _ABSOLUTE, ("100%", "百分百")),
    Phrase("绝对没问题", "over_promise", _ABSOLUTE, ("绝对不会", "绝对可以", "绝对能")),
    Phrase("保证能到", "over_promise", _TRANSPORT, ("一定能到", "肯定能到", "保证送到", "肯定送到", "一定送到")),
    Phrase("保证退款", "over_promise", _REFUND, ("一定给您退", "肯定给您退", "保证给您退", "一定退款", "肯定退款")),
    Phrase("马上到账", "over_promise", _REFUND, ("立刻到账", "立即到账", "秒到账")),
    Phrase("永久保修", "over_promise", "保修期以商品页和保修卡为准", ("终身保修", "永不变形", "永不褪色")),
    Phrase("全网最低", "over_promise", _ABSOLUTE, ("最低价", "史上最低", "全国最低")),
    Phrase("国家级", "over_promise", _ABSOLUTE, ("世界级品质", "全球第一", "全国第一", "销量第一")),
    Phrase("假一赔十", "over_promise", "正品保障以店铺公示的服务承诺为准", ("假一赔百", "假一赔万")),
    Phrase("包治", "over_promise", _ABSOLUTE, ("根治", "药到病除", "无副作用")),
    Phrase("加微信", "off_platform", _STAY, ("加我微信", "加个微信", "加v信", "加vx", "加wx", "加薇信", "加威信")),
    Phrase("加我qq", "off_platform", _STAY, ("加qq", "加扣扣")),
    Phrase("线下转账", "off_platform", _STAY, ("私下转账", "直接转账给", "转账到我", "私下交易", "线下交易")),
)
