"""The errands as data: which intents start them, which orders they fit, what they need and what they change."""

from __future__ import annotations

from collections.abc import Awaitable
from dataclasses import dataclass, field
from typing import Any, Callable, Optional

from bot.actions.order_views import BEFORE_DISPATCH, ON_THE_WAY, OPEN, RECEIVED, show_order, show_parcel
from bot.actions.reply import Reply
from bot.actions.shop import Order, shop
from bot.actions.turn_context import TurnContext
from bot.actions.wording import day, money, short_title

REFUND_LIMIT = 2_000.0
"""Above this sum a person looks at a return or refund (business_rule)."""

RETURN_REASONS = ("不想要了", "尺码或规格不合适", "和描述不一样", "质量问题", "发错或漏发", "其他原因")
REFUND_REASONS = ("一直没发货", "不想要了", "没收到货", "质量问题", "其他原因")

Known = dict[str, Any]
Finish = Callable[[Order, Known, TurnContext, Reply], Awaitable[None]]


def _never(order: Order) -> Optional[str]:
    return None


async def _empty(order: Order, known: Known, turn: TurnContext) -> dict[str, Any]:
    return {}


def _plain_confirm(order: Order, known: Known) -> str:
    return f"请确认：{short_title(order)}"


@dataclass(frozen=True)
class Errand:
    """`refusal` and `needs_person` look at the chosen order; `finish` replaces the call to the shop."""

    name: str
    label: str
    intents: frozenset[str]
    states: tuple[str, ...]
    needs: tuple[str, ...]
    nothing_fits: str
    which: str
    action: str = ""
    confirm: Callable[[Order, Known], str] = _plain_confirm
    confirm_label: str = "确认"
    refusal: Callable[[Order], Optional[str]] = _never
    needs_person: Callable[[Order], Optional[str]] = _never
    body: Callable[[Order, Known, TurnContext], Awaitable[dict[str, Any]]] = _empty
    questions: dict[str, tuple[str, tuple[str, ...]]] = field(default_factory=dict)
    finish: Optional[Finish] = None
    shows_latest: bool = False


def _only(states: tuple[str, ...], sentences: dict[str, str]) -> Callable[[Order], Optional[str]]:
    """Refuses orders in other states, with a sentence per state."""

    def refusal(order: Order) -> Optional[str]:
        state = str(order.get("state"))
        if state in states:
            return None
        default = f"{short_title(order)}目前是「{order.get('state_text', state)}」，不能这样操作。"
        return sentences.get(state, default).format(title=short_title(order), state=order.get("state_text", state))

    return refusal


def _big_refund(order: Order) -> Optional[str]:
    amount = float(order.get("amount") or 0)
    return f"订单金额 {money(amount)}，超过 {money(REFUND_LIMIT)}" if amount > REFUND_LIMIT else None


async def _after_sale_body(kind: str, known: Known) -> dict[str, Any]:
    return {"kind": kind, "reason": str(known.get("reason") or "其他原因")}


def _after_sale(
    kind: str, label: str, intent: str, states: tuple[str, ...], reasons: tuple[str, ...], **rest: Any
) -> Errand:
    async def body(order: Order, known: Known, turn: TurnContext) -> dict[str, Any]:
        return await _after_sale_body(kind, known)

    def confirm(order: Order, known: Known) -> str:
        until = order.get("returnable_until")
        note = f"（{day(until)}前可申请）" if until and kind != "refund" else ""
        return f"请确认：为{short_title(order)}申请{label}，原因「{known.get('reason')}」{note}。"

    return Errand(
        name=intent,
        label=label,
        intents=frozenset({intent}),
        states=states,
        needs=("reason", "confirmation"),
        which=f"您想给哪个订单申请{label}？",
        action="after-sale",
        confirm=confirm,
        confirm_label=f"确认{label}",
        body=body,
        needs_person=_never if kind == "exchange" else _big_refund,
        questions={"reason": (f"请问{label}的原因是？", reasons)},
        **rest,
    )


def _address_confirm(order: Order, known: Known) -> str:
    new = known["new_address"]
    old = order.get("address") or {}
    name = new.get("name") or old.get("name") or ""
    phone = new.get("phone")
    shown = f"{phone[:3]}****{phone[-4:]}" if phone else old.get("phone_masked") or ""
    return f"请确认：{short_title(order)}改寄到「{new['text']}」，收件人 {name} {shown}。"


async def _address_body(order: Order, known: Known, turn: TurnContext) -> dict[str, Any]:
    """What the customer did not say stays as it was; the shop masks the phone, so it comes from his profile."""
    new = known["new_address"]
    phone = new.get("phone")
    if not phone or "*" in phone:
        profile = await shop().profile(turn.customer_id)
        phone = (profile or {}).get("phone")
    return {"name": new.get("name") or (order.get("address") or {}).get("name"), "phone": phone, "text": new["text"]}


def _invoice_title(said: str) -> dict[str, Any]:
    import re

    tax_no = re.search(r"(?<![0-9A-Za-z])[0-9A-Z]{15,20}(?![0-9A-Za-z])", said.upper())
    company = re.search(
        r"[\u4e00-\u9fff()（）A-Za-z0-9]{2,40}?(?:公司|集团|事务所|工作室|中心|学校|大学|医院|店|厂|社|协会|基金会)",
        said,
    )
    if company or tax_no:
        title = (
            re.sub(r"^(?:公司|单位|企业)?(?:抬头|发票)?(?:是|为|[:：])?", "", company.group()) if company else "公司"
        )
        return {"kind": "company", "title": title, **({"tax_no": tax_no.group()} if tax_no else {})}
    name = re.sub(r"个人|发票|抬头|开|就行|就好|吧|的|是|[:：,，。 ]", "", said)
    return {"kind": "personal", "title": name or "个人"}


async def _invoice_body(order: Order, known: Known, turn: TurnContext) -> dict[str, Any]:
    return _invoice_title(str(known.get("invoice") or ""))


def _invoice_confirm(order: Order, known: Known) -> str:
    about = _invoice_title(str(known.get("invoice") or ""))
    kind = "企业" if about["kind"] == "company" else "个人"
    tax = f"，税号 {about['tax_no']}" if about.get("tax_no") else ""
    return f"请确认：为{short_title(order)}开{kind}电子发票，抬头「{about['title']}」{tax}。"


async def _show_logistics(order: Order, known: Known, turn: TurnContext, reply: Reply) -> None:
    await show_parcel(order, turn, reply)


async def _show_status(order: Order, known: Known, turn: TurnContext, reply: Reply) -> None:
    show_order(order, reply)


def _trouble(intent: str, label: str, ask_for: str) -> Errand:
    async def finish(order: Order, known: Known, turn: TurnContext, reply: Reply) -> None:
        reply.say(f"收到，{short_title(order)}的情况我记下了，给您添麻烦了，实在抱歉。")
        reply.request("business_rule", 1.0, f"{label}：{known.get('evidence') or turn.text}")

    return Errand(
        name=intent,
        label=f"{label}处理",
        intents=frozenset({intent}),
        states=(*ON_THE_WAY, *RECEIVED, "after_sale"),
        needs=("evidence",),
        nothing_fits="我没有看到已发出的订单。能说一下是哪个订单号吗？",
        which=f"很抱歉让您遇到{label}的情况。是哪个订单呢？",
        questions={"evidence": (ask_for, ())},
        finish=finish,
    )


ALL = (
    Errand(
        name="ask_logistics",
        label="物流查询",
        intents=frozenset({"ask_logistics"}),
        states=("paid", "packing", *ON_THE_WAY),
        needs=(),
        nothing_fits="您目前没有在路上的包裹。",
        which="您有多个进行中的订单，想查哪一个？",
        finish=_show_logistics,
        shows_latest=True,
    ),
    Errand(
        name="order_status",
        label="订单查询",
        intents=frozenset({"order_status"}),
        states=OPEN,
        needs=(),
        nothing_fits="您目前没有进行中的订单。",
        which="您有多个进行中的订单，想看哪一个？",
        finish=_show_status,
        shows_latest=True,
    ),
    Errand(
        name="hurry",
        label="催办",
        intents=frozenset({"hurry"}),
        states=("paid", "packing", *ON_THE_WAY),
        needs=(),
        nothing_fits="您目前没有待发货或运输中的订单，暂时不用催。",
        which="想催哪一个订单？",
        action="urge",
        refusal=_only(
            ("paid", "packing", *ON_THE_WAY),
            {
                "unpaid": "{title}还没有付款，付款后我们会尽快安排发货。",
                "signed": "{title}显示已签收。如果您没有收到，请告诉我「没收到货」。",
                "completed": "{title}已经完成。如果您没有收到，请告诉我「没收到货」。",
                "cancelled": "{title}已经取消了，不会再发货。",
            },
        ),
    ),
    Errand(
        name="change_address",
        label="修改地址",
        intents=frozenset({"change_address", "give_address"}),
        states=BEFORE_DISPATCH,
        needs=("new_address", "confirmation"),
        nothing_fits="您目前没有还未发货的订单，已发出的包裹不能直接改地址。",
        which="要修改哪个订单的地址？",
        action="address",
        confirm=_address_confirm,
        confirm_label="确认修改",
        body=_address_body,
        refusal=_only(
            BEFORE_DISPATCH,
            {
                "shipped": "{title}已经发出，我这边改不了地址了。可以联系快递员改派，或者拒收后重新下单。",
                "delivering": "{title}正在派送，我这边改不了地址了。可以联系快递员改派，或者拒收后重新下单。",
            },
        ),
        questions={"new_address": ("请把新的收货信息一次发给我：收件人、手机号、详细地址。", ())},
    ),
    Errand(
        name="cancel_order",
        label="取消订单",
        intents=frozenset({"cancel_order"}),
        states=BEFORE_DISPATCH,
        needs=("confirmation",),
        nothing_fits="您目前没有可以取消的订单。已经发出的，可以拒收或收货后申请退货。",
        which="要取消哪个订单？",
        action="cancel",
        confirm=lambda order, known: (
            f"请确认：取消{short_title(order)}，实付 {money(order.get('amount') or 0)} 将原路退回。"
        ),
        confirm_label="确认取消",
        refusal=_only(
            BEFORE_DISPATCH,
            {
                "shipped": "{title}已经发出，不能直接取消了。可以拒收，或者收到后申请退货。",
                "delivering": "{title}正在派送，不能直接取消了。可以拒收，或者收到后申请退货。",
                "cancelled": "{title}之前已经取消了。",
            },
        ),
    ),
    _after_sale(
        "return",
        "退货",
        "return_goods",
        RECEIVED,
        RETURN_REASONS,
        nothing_fits="您目前没有已签收、可以退货的订单。",
        refusal=_only(
            RECEIVED,
            {
                "unpaid": "{title}还没有付款，直接取消就可以，说「取消订单」我来帮您。",
                "paid": "{title}还没发货，直接取消就可以，说「取消订单」我来帮您。",
                "packing": "{title}还没发货，直接取消就可以，说「取消订单」我来帮您。",
                "shipped": "{title}还在路上，收到后可以申请退货；不想收的话也可以拒收。",
                "delivering": "{title}正在派送，收到后可以申请退货；不想收的话也可以拒收。",
                "after_sale": "{title}已经在售后处理中，说「退款进度」可以查看。",
            },
        ),
    ),
    _after_sale(
        "exchange",
        "换货",
        "exchange_goods",
        RECEIVED,
        RETURN_REASONS,
        nothing_fits="您目前没有已签收、可以换货的订单。",
        refusal=_only(
            RECEIVED,
            {
                "paid": "{title}还没发货，可以取消后重新下单选择想要的规格。",
                "packing": "{title}还没发货，可以取消后重新下单选择想要的规格。",
                "shipped": "{title}还在路上，收到后可以申请换货。",
                "delivering": "{title}正在派送，收到后可以申请换货。",
                "after_sale": "{title}已经在售后处理中，说「退款进度」可以查看。",
            },
        ),
    ),
    _after_sale(
        "refund",
        "退款",
        "refund",
        ("paid", "packing", *ON_THE_WAY, *RECEIVED),
        REFUND_REASONS,
        nothing_fits="您目前没有可以申请退款的订单。",
        refusal=_only(
            ("paid", "packing", *ON_THE_WAY, *RECEIVED),
            {
                "unpaid": "{title}还没有付款，不需要退款。",
                "cancelled": "{title}已经取消，货款会原路退回，说「退款进度」可以查看。",
                "after_sale": "{title}已经在售后处理中，说「退款进度」可以查看。",
            },
        ),
    ),
    Errand(
        name="invoice",
        label="开发票",
        intents=frozenset({"invoice"}),
        states=("paid", "packing", *ON_THE_WAY, *RECEIVED),
        needs=("invoice", "confirmation"),
        nothing_fits="您目前没有可以开票的订单。",
        which="要给哪个订单开发票？",
        action="invoice",
        confirm=_invoice_confirm,
        confirm_label="确认开票",
        body=_invoice_body,
        questions={"invoice": ("发票抬头怎么写？个人请发姓名，企业请发公司全称和税号。", ("个人",))},
        refusal=lambda order: f"{short_title(order)}已经开过发票了。" if order.get("invoice") else None,
    ),
    Errand(
        name="price_protection",
        label="价保",
        intents=frozenset({"price_protection"}),
        states=("paid", "packing", *ON_THE_WAY, *RECEIVED),
        needs=("confirmation",),
        nothing_fits="您目前没有可以申请价保的订单。",
        which="想给哪个订单申请价保？",
        action="price-protection",
        confirm=lambda order, known: f"请确认：为{short_title(order)}申请价保，符合规则的差价会退给您。",
        confirm_label="确认申请",
    ),
    _trouble(
        "goods_damaged",
        "商品破损或故障",
        "很抱歉给您带来不便。请拍几张照片发给我（外包装、面单、有问题的地方），再简单说说情况。",
    ),
    _trouble("goods_missing", "少件或没收到货", "很抱歉。请说一下少了什么或者哪里不对，有开箱照片的话也发给我。"),
    _trouble("goods_wrong", "发错货", "很抱歉发错了。请拍一张收到的商品和面单的照片，再说说应该是哪一款。"),
)

ERRANDS = {errand.name: errand for errand in ALL}
