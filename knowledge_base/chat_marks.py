"""Takes out of a line what the chat put there and not the customer: stickers, cards of goods and orders, markup, and
what anonymised logs have in the place of numbers and names.

The marks are those of 淘宝, 京东, QQ and WeChat, whose exported conversations are what a shop tries its FAQ with.
"""

from __future__ import annotations

import html
import re

ENTITY = re.compile(r"&(?:#x?[0-9a-f]{1,6}|[a-z]{2,8});", re.IGNORECASE)
TAG = re.compile(r"</?(?:a|b|br|div|em|font|i|img|p|span|strong)(?:\s[^<>]{0,300})?/?>", re.IGNORECASE)

#: Names that stickers are written out with; other words in brackets may be the customer's.
STICKERS = r"""(?:
    翻白眼|糗大了|左哼哼|右哼哼|快哭了|微笑|撇嘴|色色|发呆|得意|流泪|害羞|闭嘴|瞌睡|大哭
    |尴尬|发怒|愤怒|怒火|调皮|呲牙|惊讶|震惊|难过|悲伤|酷酷|冷汗|抓狂|呕吐|偷笑|愉快
    |高兴|可爱|白眼|傲慢|饥饿|犯困|惊恐|流汗|憨笑|悠闲|大兵|奋斗|咒骂|疑问|问号|眩晕
    |疯了|疯狂|衰样|骷髅|敲打|击打|再见|拜拜|擦汗|抠鼻|鼓掌|坏笑|哈欠|鄙视|委屈|阴险
    |亲亲|可怜|菜刀|西瓜|啤酒|可乐|咖啡|猪头|玫瑰|花朵|凋谢|嘴唇|爱心|心碎|蛋糕|月亮
    |太阳|礼物|拥抱|很棒|握手|胜利|抱拳|勾引|拳头|差劲|爱你|爱情|飞吻|香吻|跳跳|发抖
    |怄火|转圈|磕头|挥手|捂脸|奸笑|机智|皱眉|红包|吃瓜|加油|天啊|旺柴|好的|打脸|叹气
    |苦涩|裂开|笑脸|鬼脸|生病|黑线|安慰|合十|ok|色|睡|酷|吐|困|汗|嘘|晕|衰|糗|吓
    |饭|强|弱|耶|哇
)"""
STICKER = re.compile(
    rf"""
    \[{STICKERS}\]
    |\#e-[a-z]?(?:\d{{1,3}}|\[数字x\])
    |\#e-{STICKERS}
    |(?<![a-z0-9])/:(?:\d{{3}}|[a-z]{{1,5}}(?![a-z)])|[!-~]{{1,7}}?(?=[\s\u4e00-\u9fff]|/:|$))
    """,
    re.VERBOSE | re.IGNORECASE,
)
ATTACHMENT = re.compile(
    r"\[(图片|照片|语音|视频|表情|动画表情|文件|位置|链接|小程序|(?:商品|订单|宝贝)(?:快照|链接|卡片|信息)?)\]"
)

#: What anonymised logs have instead of a number or a name, and how one speaks without saying which.
UNSAID = {
    "数字": "几", "金额": "几元", "日期": "几号", "时间": "几点", "地址": "这里", "电话": "手机号",
    "姓名": "", "站点": "", "组织机构": "",
}  # fmt: skip
ANONYMISED = re.compile(
    r"\[(?:(数字|金额|日期|时间|地址|姓名|电话|站点|组织机构|链接|邮箱|身份证号)x|(订单号|手机号|邮箱|身份证号))\]"
)
NUMBER_IN_LINK = re.compile(r"(?<=[/=])\[(?:数字|链接)x\]")
ANONYMISED_ID = re.compile(r"\[(?:(order)|user)id_\w{1,20}\]", re.IGNORECASE)

FIELD = r"""
    (?:我?[想要]?(?:咨询|查询)的?)?
    (?:(?:订单|商品|宝贝|物流|运单|快递)(?:编?号码?|id|金额|价格|状态)|(?:下单|付款|成交|发货)(?:时间|日期)|单价|实付款?)
    \s?[:：]\s?
    (?:[￥¥]?(?:\[[^\[\]\n]{1,24}\]|[a-z0-9./-]{1,40}元?)(?:\s(?:\[时间x\]|\d{1,2}:\d\d(?::\d\d)?))?
        |[\u4e00-\u9fff]{2,4}(?=[,，;；\]】]))
"""
CARD = re.compile(
    rf"[\[【]?(?:\[日期x\]\s\[时间x\]\s)?{FIELD}(?:[\s,，;；]{{0,3}}{FIELD}){{1,7}}[\]】]?", re.VERBOSE | re.IGNORECASE
)
"""Two fields at least: a number alone is what the customer was asked for, or asks with."""


def without_marks(text: str) -> str:
    """The customer's own words; what there is, if there are none: the kind of card or picture, a sticker's nothing."""
    own = ENTITY.sub(lambda found: html.unescape(found[0]), text)
    own = STICKER.sub(" ", TAG.sub(" ", own))
    for mark, name in ((CARD, "订单号"), (ATTACHMENT, r"\1")):
        rest = mark.sub(" ", own)
        own = rest if rest.strip() else mark.sub(name, own)
    own = ANONYMISED_ID.sub(lambda found: "订单号" if found[1] else "", own)
    own = NUMBER_IN_LINK.sub("0", own)
    return ANONYMISED.sub(lambda found: found[2] or UNSAID.get(found[1], found[1]), own)
