"""Does the customer ask for a person, refuse one, or talk about something that only sounds like it?"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Optional

from bot.noticing.spelling import respelt
from bot.noticing.words import any_of
from bot.text import fold


@dataclass(frozen=True)
class PersonRequest:
    """`wanted` is the customer's wish; `evidence` the words that show it."""

    wanted: bool
    evidence: str


_PERSON = any_of(
    """
    人工客服 人工服务 人工坐席 人工座席 人工台 人工 真人客服 真人 活人 客服人员 客服专员 客服小姐姐
    客服小哥哥 客服妹妹 客服代表 客服 专员 坐席 座席 负责人 经理 主管 领导 店长 老板 店主 售后人员
    售后客服 工作人员 值班的 管事的 能做主的 人类 真正的人 个人(?!资料|信息|中心|订单|账)
    上级 上司 头儿 管事儿的 能拍板的 说了算的 明白人 懂行的 店员(?!推) 你们的人 你们同事 你们员工
"""
)
_SOMEONE = r"人(?=$|[ 吧呀啊来说聊处理工服帮])"
_BETWEEN = (
    any_of(
        """
    吧 一?下 一哈 一?个 一?位 到 给 你们?的? 你哋 您们?的? 咱们?的? 贵店的? 在线的? 你家的? 能做主的 能管事的
    真的? 活的?
"""
    )
    + "*"
)
_CALL = any_of("转接?到? 接到? 换到? 找到? 叫 联系 呼叫 接入 接通 切换?到? 喊 安排 派 整")

ASKING = (
    _CALL + _BETWEEN + f"(?:{_PERSON}|{_SOMEONE})",
    any_of("要 想 得 需要 希望 请 给 畀 给我 来 可以 能 能不能 能否 有(?:没有?)? 在不在 哪里有 怎么 如何 咋")
    + _BETWEEN
    + any_of("人工(?!智) 真人客服 真人(?=$|[吗呢啊吧服聊]) 活人 在线客服"),
    "人工"
    + any_of(
        "客[服户] 服务 坐席 座席 台 人工 在吗 在不在 呢 啊 接一?下 处理 帮我 回复 来 介入 接入 弄 办 查 协助 接待"
    ),
    any_of("给我 我要 要 畀我") + "(?:一?个|一?位)?客服",
    any_of("经理 主管 店长 负责人 领导") + any_of("在吗 在不在"),
    # 换个收件人 is an errand.
    "(?<!收货人)(?<!收件人)(?<!联系人)换(?:一?个|一?位)(?!.{0,2}(?:收|联系|签)).{0,3}人(?!.{0,2}(?:收|签|用))",
    # A call back is a request too.
    any_of("让 叫 请 派 安排 要")
    + "(?:你们)?(?:的)?.{0,4}"
    + any_of("回个?电话? 打(?:个)?电话给我 打给我 联系我 跟我联系 跟我对接"),
    "(?:请|要求|希望|给我)回电",
    "要真?人(?=不|$)",
    "把.{0,4}" + any_of("经理 主管 店长 负责人 领导 客服 老板") + any_of("叫 喊 请"),
    any_of("经理 主管 店长 负责人 领导 客服") + "出来",
    "有人(?:管|接待|值班|回复?|理).{0,2}吗",
    "人(?:都)?去哪.{0,3}$",
    "出来一?个(?:人)?$",
    # What is left of 怎么不给转 when its 不 is taken out.
    " (?:给|帮)?我?转(?=$|[呢啊呀了人真客])",
    "^(?:现在|这次|麻烦|那就?|行|好|嗯|可以|就|请|帮我|你|快)*(?:给我|帮我|你)?转(?:接|过去)?(?:一下)?(?:吧|啊|了)*$",
    any_of("重新 再") + any_of("给我 帮我") + any_of("转 接") + "(?=$|[吧一下到个人客])",
    r"^人工[呢吗啊呀吧在]*$",
    any_of("真人 活人") + any_of("客服 服务 在吗 在不在 回复 呢 来 说话 聊 接 处理 跟我"),
    r"^(?:真人|活人|客服)[呢吗啊呀吧在]*$",
    "客服(?:小姐姐|小哥哥|妹妹|人员)?" + any_of("在吗 在不在 呢 人呢 快来 出来 在哪"),
    "[跟和同与找](?:你们的?)?(?:一?个|一?位)?"
    + any_of("真?人 人工 活人 客服 经理 店长 老板 负责人 领导 主管")
    + any_of("说 聊 谈 讲 沟通 对话 反映 投诉 来 解决 处理"),
    # 没有人签收 is about a parcel, 有人吗 is not.
    any_of("有人吗 有没有人 有人在吗 没有人吗 人呢(?!还) 没人吗 来个人 出来个人 叫个人 找个人 派个人 来人啊? 喊个人")
    + "(?!.{0,4}(?:签收|取|收件|代收|买|用|穿))",
    r"\b(?:human|real person|live agent|representative|customer service rep)",
    r"(?:(?:speak|talk) to|need|want) (?:an? )?(?:agent|person|human)",
)

_MACHINE = any_of("机器人?(?!手|玩具|扫) 智能客服 ai 自动回复 程序")
NO_MACHINE = (
    "(?:(?:不(?:想|要|愿意?)|别|懒得|受够)再?[跟和同与让用叫]?|不再?[跟和同与])(?:你|个|这个|一个)?"
    + _MACHINE
    + any_of("聊 说 谈 讲 沟通 对话 废话 回 答 扯 敷衍 了 来"),
)
"""不想跟机器人聊: a refusal of the machine is a request for a person."""

_NOT = any_of(
    """
    不用 不要 不需要 不必 无需 无须 别 甭 莫 不想 不是 不想要 没必要 没说要 没有?要求? 没有?让你?
    没有?叫你? 不是[让叫要]你 没有要你 没打算 不打算 没想过? 不希望 不愿意? 不乐意 不至于 犯不着 犯不上 用不着 轮不到
    懒得再? 别一.{1,3}就 唔好 唔使 唔要 唔想 谁让你 先不 先别 暂时不 暂不 不 未
"""
)
_HASTE = any_of("再 给我 帮我 跟我 替我 去 老是 总是 老 总 一直 动不动 就 直接 马上 急着 着急 忙着 把我 要") + "*"
REFUSING = (
    _NOT
    + _HASTE
    + any_of("转接?到? 接到? 换到? 找到? 叫 联系 要 等 喊 给我 来个 安排 派 请 跟 和")
    + _BETWEEN
    + _PERSON,
    _NOT + _HASTE + any_of("转 人工 真人 活人 客服 换人 找人 叫人 喊人"),
    any_of("人工 真人 转接") + ".{0,3}" + any_of("不用了 不要了 不需要 算了 取消 免了 就不必"),
    any_of("取消 停止 撤销 撤回 退出 关闭 点错 按错 误点") + ".{0,3}" + any_of("转 人工 排队"),
    any_of("谁(?:说)?要 谁说 谁让 几时要 啥时候说 什么时候说")
    + "(?:你|我)?(?:要|了)?"
    + any_of("转 找 接")
    + ".{0,3}(?:人工|客服|了)",
    any_of("怎么 干嘛 干吗 为什么 为啥")
    + "(?:就|又|老|总)?(?:给我|帮我|把我|自动)+(?:就|又)?转(?:接)?(?:给|到)?(?:人工|客服)?(?=了|$|我|[,，])",
    any_of("误触 误按 误点 误发 不小心 手滑 点错 按错") + ".{0,6}" + any_of("转 人工 客服"),
    any_of("转人工 人工") + ".{0,4}" + any_of("点错 误发 误触 按错"),
    any_of("没说 哪有说 没想 没点 不是来") + ".{0,2}" + any_of("转 找 要 接") + ".{0,3}(?:人工|客服|真人)?",
    any_of("别 不要") + "(?:再|总|老|把我)*" + any_of("推给 扔给 甩给") + "(?:人工|客服)",
    r"(?:don't|do not|no need|not?) .{0,12}(?:human|agent|person)",
    any_of("你 机器人") + any_of("就行 就可以 就好 来就行 回答就"),
)

LOOK_ALIKES = (
    "人工"
    + any_of(
        """
    智能 费 湖 草 皮 呼吸 授精 降雨 养殖 合成 制造 成本 关节 耳蜗 泪液 翻译机 钻 革 种植 珊瑚 水晶 收费
    安装费 手写 缝 编织 做的 打磨 采摘 挑选 包装 审核 干预 检测 质检
"""
    ),
    "[纯半全手]人工(?!客服|服务|吗|啊|呢|接)",
    "真人" + any_of("秀 同款 试穿 实拍 图 上身 照 头发 发 大小 cs 模特 比例"),
    "是(?:不是)?(?:人工|真人)(?:客服|服务)?(?=.{0,3}吗|$)",
    "(?:人工)?客服(?=昨天|前天|上次|之前|刚才|刚刚|已经|说|答应)",
    "客服电话.{0,4}(?:多少|是什么|几点)",
    "(?:人工)?客服.{0,6}(?:几点|上班时间|工作时间|什么时候上班)",
    # Facts about the service, and what was said or done before.
    "(?<![跟和找同与让])(?:转接?)?人工(?:客服|服务)?"
    + any_of(
        """
    .{0,3}多久 .{0,4}几点 .{0,4}时间 .{0,3}排(?:队)?多 .{0,2}要排队吗 .{0,2}要等 .{0,3}收费 .{0,3}免费 .{0,3}要钱
    态度 太[差慢烂] 比机器 [^,，]{0,3}流程 和(?:机器|你) 审核 审单 (?:已经|刚才?|昨天|上次|之前).{0,6}
    说(?!话|清|一|两|几|明) 告诉 让我 叫我 教我 回复(?:我|过) 不理 骂
"""
    ),
    any_of("什么情况 什么时候 什么条件 啥时候 几点") + ".{0,4}" + any_of("转 有 能转 可以转") + ".{0,2}(?:人工|客服)",
    any_of("跟 和 问 找 联系")
    + "(?:了|过)?(?:你们的?)?(?:人工|真人|客服|主管|经理)(?:客服)?"
    + any_of("说过 聊过 谈过 讲过 说了 聊完 说好 谈好 过了"),
    any_of("找 联系 问 转 投诉 接") + any_of("过 了") + "(?:一次|半天|几次|好几次)?(?:人工|客服|主管|经理)",
    any_of("在跟 在和 是跟 是和") + "(?:人工|真人|客服)(?:客服)?" + any_of("聊 说话 说 对话") + "吗?",
    any_of("已经 现在") + "是?(?:转|接)?(?:到)?(?:人工|真人)(?:客服)?(?:了)?吗",
    "客服" + any_of("要的 发的 给的 送的 叫我 让我 教我 加我 加了我 给我打 打给我说"),
    "is (?:this|it|there) an? (?:human|real person|bot)",
    r"human hair",
    r"(?:already|yesterday) .{0,20}(?:agent|human)|(?:agent|human) .{0,24}yesterday",
)

LATER = (
    any_of(
        """
    如果 要是 假如 有需要 需要的话 需要时 以后 下次 改天 回头 到时候 晚点 待会儿? 过会儿? 等会儿? 等下 等一下 过两天
    (?:不行|不通|不好|不了|上来|不清|不明白)(?:的话|了)?我?再
"""
    )
    + ".{0,8}(?<!就)"
    + any_of("转 人工 客服 叫人 找人 真人")
    + "(?!我就)",
    any_of("人工 客服 转人工 转接 转") + "(?:那边|的事)?" + any_of("先放 先不 先缓 等等再 以后 再说 等会 晚点"),
)
"""Not now: 不行我再找人工, 转人工的事先放放."""

_ASKING = re.compile("|".join((*ASKING, *NO_MACHINE)))
_NO_MACHINE = re.compile("|".join(NO_MACHINE))
_REFUSING = re.compile("|".join((*REFUSING, *LATER)))
_LOOK_ALIKE = re.compile("|".join(LOOK_ALIKES))
_CLAUSE_ENDS = re.compile(r"[,，。;；!！?？\n~～…]+")
_TURNS_ROUND = re.compile(any_of("算了 还是 但是? 不过 要不(?!要) 干脆 现在(?=.{0,3}转) 这次(?=.{0,3}转)"))
_NOT_A_REFUSAL = re.compile(
    any_of("能不能 可不可以 是不是 要不要 为什么不 怎么不 咋不 为啥不 还不 干嘛不 不能不 你不")
    + "|不(?=给我?(?:人工|真人|找人|人).{0,6}(?:就|我))"
    + "|再?不(?=给?我?(?:转|接|换|叫|找).{0,8}(?:就(?!行|好|可以)|我(?:就|要)?(?:退|投诉|走|差评|举报)))"
)
"""为什么不转人工 and 不转人工我就投诉 have a 不 and are requests."""

BESIDE = 8
"""Characters; enough for who should come and whether it was yesterday, in a line spoken without a pause."""

_COURIER = re.compile(any_of("派件员 快递员 骑手 司机 师傅 送货"))


def person_request(text: str) -> Optional[PersonRequest]:
    """None when neither is said. The last words about it decide: 先别转…算了还是转人工吧."""
    decided: Optional[PersonRequest] = None
    for clause in _CLAUSE_ENDS.split(respelt(text)):
        visible = _LOOK_ALIKE.sub(lambda match: "■" * len(match.group()), clause)
        for piece in _TURNS_ROUND.split(visible):
            decided = _in_piece(_NOT_A_REFUSAL.sub(" ", piece)) or decided
    return decided


def _in_piece(piece: str) -> Optional[PersonRequest]:
    refused = _REFUSING.search(piece)
    if refused and not _NO_MACHINE.search(piece):
        return PersonRequest(False, refused.group())
    asked = _ASKING.search(piece)
    if asked and ("人工" in piece or not _COURIER.search(piece)):
        return PersonRequest(True, asked.group())
    return None


def words_around(text: str, evidence: str) -> str:
    """The evidence with what stands beside it in its clause; empty where it is not found any more."""
    read = respelt(text)
    at = read.rfind(evidence)
    if at < 0:
        return ""
    end = at + len(evidence)
    breaks = list(_CLAUSE_ENDS.finditer(read))
    opens = max((one.end() for one in breaks if one.end() <= at), default=0)
    closes = min((one.start() for one in breaks if one.start() >= end), default=len(read))
    return read[max(opens, at - BESIDE) : min(closes, end + BESIDE)]


def mentions_look_alike(text: str) -> bool:
    """人工智能手表, 人工费, 真人秀: words that only look like a request."""
    return _LOOK_ALIKE.search(fold(text)) is not None
