"""Does the customer ask for a person, refuse one, or talk about something that only sounds like it?"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Optional

from bot.text import fold


@dataclass(frozen=True)
class PersonRequest:
    """`wanted` is the customer's wish; `evidence` the words that show it."""

    wanted: bool
    evidence: str


_LOOK_ALIKE = re.compile(
    r"人工(?:智能|费|湖|草|皮|呼吸|授精|降雨|养殖|合成|制造|成本|关节|耳蜗|泪液|翻译机|钻|革|种植|珊瑚|水晶|费用|收费|安装费|手写)|"
    r"(?:纯|半|全|手)人工(?!客服|服务|吗|啊|呢|接)|人工(?:缝|编织|做的|打磨|采摘|挑选|包装|审核|干预|检测|质检)|"
    r"真人(?:秀|同款|试穿|实拍|图|上身|照|头发|发|大小|cs|模特|比例)|客服电话.{0,4}(?:多少|是什么|几点)|人工客服.{0,6}(?:几点|上班时间|工作时间|什么时候上班)"
)
_NOT = r"(?:不用|不要|不需要|不必|无需|无须|别|甭|莫|不想|不是|不想要|没必要|没说要|没有要|没让你|没叫你|谁让你|先不|先别|暂时不|暂不|不|未)"
_GO = r"(?:再|给我|帮我|跟我|替我|去|老是|总是|老|总|一直|动不动|就|直接|马上|急着|着急|忙着)*"
_CALL = (
    r"(?:转接?到?|接到?|换到?|找到?|叫|联系|呼叫|接入|接通|切换?到?|喊|要|给我|来个|来|安排|派|请|上|见|跟|和|同|与|走|进)"
)
_WHO = (
    r"(?:人工(?:客服|服务|坐席|座席|台|小姐姐|小哥哥)?|真人(?:客服)?|活人|客服(?:人员|小姐姐|小哥哥|专员|妹妹|代表)?|"
    r"专员|坐席|座席|负责人|经理|主管|领导|店长|老板|店主|售后(?:人员|客服)?|工作人员|值班的?|管事的?|人类|真正的人|个人|人)"
)
_MIDDLE = r"(?:一?下|一?个|一?位|到|给|你们?的?|您们?的?|咱们?的?|咱|贵店的?|在线的?|你家的?|能做主的?|能管事的?|管事的?|真的?|活的?|会说话的?|在线)*"

_REFUSED = re.compile(
    rf"{_NOT}{_GO}{_CALL}{_MIDDLE}{_WHO}|{_NOT}{_GO}(?:转|人工|真人)|(?:人工|真人|转接).{{0,3}}(?:不用了|不要了|不需要|算了|取消|免了|就不必)|"
    r"(?:取消|停止|撤销|撤回|退出|关闭).{0,3}(?:转|人工|排队)|(?:你|机器人)(?:就行|就可以|就好|来就行|回答就)"
)
_CLEAR = re.compile(
    rf"(?:转接?|接|换|找|叫|联系|呼叫|接入|接通|切换?|喊|安排|派){_MIDDLE}"
    r"(?:人工|真人|活人|客服|专员|坐席|座席|负责人|经理|主管|领导|店长|老板|店主|售后人员|售后客服|工作人员|管事的?|能做主的|人类|个人(?!资料|信息|中心|订单|账)|人(?=$|[,，。!！?？ 吧呀啊来说聊处理工服帮]))|"
    rf"(?:要|想|需要|希望|请|给我|来|可以|能|能不能|能否|有没有?|在不在|哪里有|怎么|如何|咋){_MIDDLE}(?:人工(?!智)|真人客服|真人(?=$|[,，。!！?？ 吗呢啊吧服聊])|活人|人工客服|人工服务|在线客服)|"
    r"人工(?:客服|服务|坐席|座席|台)|^人工[!！。.~～ 呢吗啊呀吧在]*$|人工人工|人工(?:在吗|在不在|呢|啊|接一?下|处理|帮我|回复|来|介入|接入)|"
    r"(?:真人|活人)(?:客服|服务|在吗|在不在|回复|呢|来|说话|聊|接|处理|跟我)|^(?:真人|活人|客服)[!！。.~～ 呢吗啊呀吧在]*$|客服(?:在吗|在不在|呢|人呢|快来|出来|在哪)|"
    r"(?:跟|和|同|与|找){1}(?:一?个|一?位)?(?:真?人|活人|真人|客服|经理|店长|老板|负责人|领导|主管)(?:说|聊|谈|讲|沟通|对话|反映|投诉|来|解决|处理)|"
    r"(?:不(?:想|要|愿意?)|别(?:再)?|懒得|受够)(?:再)?(?:跟|和|同|与|让|用|叫)?(?:你|个|这个|一个)?(?:机器人?|智能客服|ai|自动回复|程序)(?:聊|说|谈|讲|沟通|对话|废话|回|答|扯|敷衍|了|来)|"
    r"(?:你们|你家|店里|那边|这边|后台)?(?:有人吗|有没有人|有人在吗|没有人吗|人呢|没人吗|来个人|出来个人|叫个人|找个人|派个人|来人啊?|喊个人)(?!.{0,4}(?:签收|取|收件|代收|买|用|穿))|"
    r"\b(?:human|real person|live agent|representative|speak to (?:an? )?(?:agent|person|human)|talk to (?:an? )?(?:agent|person|human)|customer service rep)"
)
_ABOUT_WORKERS = re.compile(r"(?:派件员|快递员|骑手|司机|师傅|送货)")


def person_request(text: str) -> Optional[PersonRequest]:
    """None when neither is said. The last clause that speaks about it decides: 先别转…算了还是转人工吧."""
    folded = fold(text)
    decided: Optional[PersonRequest] = None
    place = 0
    for clause in re.split(r"[,，。;；!！?？\n~～…]+", folded):
        found = _in_clause(_LOOK_ALIKE.sub(lambda match: "■" * len(match.group()), clause))
        if found is not None:
            decided = found
        place += len(clause) + 1
    return decided


_TURN_ROUND = re.compile(r"(?:算了|还是|但是?|不过|要不|干脆)")
_NOT_WITHOUT = re.compile(r"(?:能不能|可不可以|是不是|要不要|为什么不|怎么不|咋不|为啥不|还不|干嘛不|不能不|你不)")
_NOT_MACHINE = re.compile(r"(?:不(?:想|要|愿意?)|别(?:再)?|懒得|受够).{0,4}(?:机器|智能客服|ai|自动回复|程序)")


def _in_clause(clause: str) -> Optional[PersonRequest]:
    pieces = _TURN_ROUND.split(clause)
    decided: Optional[PersonRequest] = None
    for piece in pieces:
        asking = _NOT_WITHOUT.sub(" ", piece)
        asked = _CLEAR.search(asking)
        refused = _REFUSED.search(asking)
        if refused and not _NOT_MACHINE.search(asking):
            decided = PersonRequest(False, refused.group())
        elif asked and not (_ABOUT_WORKERS.search(asking) and "人工" not in asking):
            decided = PersonRequest(True, asked.group())
    return decided


def mentions_look_alike(text: str) -> bool:
    """人工智能手表, 人工费, 真人秀: words that only look like a request."""
    return _LOOK_ALIKE.search(fold(text)) is not None
