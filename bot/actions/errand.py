"""An errand from the first wish to the shop's receipt: which order, what else is needed, confirm, do.

What is still missing lies in slots that travel with the desk (`errand`, `awaiting`, `order_no`, …), so that a wiped
tracker costs at most one repeated step. A turn asks the shop at most twice.
"""

from __future__ import annotations

import re
from typing import Any, Optional

from bot.actions import address
from bot.actions.choosing import by_number, choose, mentions, named_number, wants_another
from bot.actions.errands import ERRANDS, Errand
from bot.actions.reply import Reply
from bot.actions.shop import Forbidden, Order, shop
from bot.actions.turn_context import TurnContext
from bot.actions.wording import NO_ORDERS, NOT_FOUND, SIGN_IN, short_title
from bot.text import bare

CLEARED = {"errand": None, "awaiting": None, "reason": None, "new_address": None, "invoice": None}
PICKER_LIMIT = 8

_YES = re.compile(
    r"^(?:好|好的|好吧|好呀|好啊|嗯+|恩+|是|是的|对|对的|可以|可以的|行|行吧|行的|中|成|确认|确定|确认提交|ok|okay|yes|要|要的|继续|没问题|同意|提交|办吧|就这样|没错|麻烦了|来吧|退吧|改吧|取消吧|确认(?:取消|修改|退货|换货|退款|申请|开票|提交))(?:吧|呀|啊|哦|了|的|哈|谢谢|麻烦了|帮我.{0,4})?$"
)
_NO = re.compile(
    r"^(?:不|不了|不要|不要了|不用|不用了|不是|不对|不行|不可以|算了|算了吧|先不|先不了|先不用|先不退|不退了|不换了|不改了|不取消了|取消|别|别了|no|再想想|我再想想|再看看|没有|不需要|不办了|不弄了|先这样|暂时不|放弃)(?:吧|了|啊|呀|哈|谢谢)?$"
)
_UNWANTED = re.compile(r"不(?:想|喜欢|需)?要|不喜欢|不合适")
_QUESTION = re.compile(r"[?？]|吗|呢$|么$|怎么|多少|多久|几天|谁|什么|哪|能不能|可不可以|是不是|会不会|有没有|要不要")

_TITLE = re.compile(r"抬头|税号|公司|有限|个人")

LEAVES_ERRAND = frozenset({"ask_person", "complain", "goodbye"})
"""Said in mid-errand, these end it: the customer wants something else more."""

BREAKS_IN = frozenset({"greet", "thank", "ask_if_bot", "ask_what_you_can", "refuse_person", "small_talk", "praise"})
"""Said in mid-errand, these get their short answer and the errand waits."""


def is_yes(turn: TurnContext) -> bool:
    return bool(_YES.match(bare(turn.text))) or (turn.intent == "affirm" and turn.confidence >= 0.6)


def is_no(turn: TurnContext) -> bool:
    return bool(_NO.match(bare(turn.text))) or (turn.intent == "deny" and turn.confidence >= 0.6)


def close(reply: Reply) -> None:
    reply.keep(**CLEARED)


async def begin(errand: Errand, turn: TurnContext, reply: Reply, **said: Any) -> None:
    """The customer wants this now; whatever was open is dropped. `said` is what he told with the wish itself."""
    close(reply)
    reply.keep(errand=errand.name, topic=errand.name, misses=0, **said)
    known = dict(turn.slots) | reply.slots
    order = await find_order(errand, turn, reply)
    if order is None:
        return
    await with_order(errand, order, known, turn, reply)


async def find_order(errand: Errand, turn: TurnContext, reply: Reply, in_list: bool = False) -> Optional[Order]:
    """The order it is about; else None, and the customer has been asked or told."""
    number = named_number(turn)
    if turn.guest and not number:
        reply.say(SIGN_IN)
        reply.keep(awaiting="order")
        return None
    if number:
        order = await shop().order(turn.customer_id, number)
        if order is None and not turn.guest:
            order = by_number(await shop().orders(turn.customer_id), number)
        if order is None:
            reply.say(NOT_FOUND)
            reply.keep(awaiting="order")
        return order
    orders = await shop().orders(turn.customer_id)
    if not orders:
        reply.say(NO_ORDERS)
        close(reply)
        return None
    fitting = [order for order in orders if order.get("state") in errand.states]
    candidates = fitting or orders[:PICKER_LIMIT]
    another = wants_another(turn)
    talked_about = turn.slot("order_no")
    if another:
        candidates = [order for order in candidates if order.get("order_no") != talked_about] or candidates
    chosen = choose(candidates, turn, in_list) or choose(orders, turn, False)
    if chosen is None and talked_about and not another:
        chosen = by_number(fitting, str(talked_about))
    if chosen is None and len(fitting) == 1 and not another:
        chosen = fitting[0]
    if chosen is None and not fitting:
        reply.say(errand.nothing_fits)
        if errand.shows_latest:
            reply.send("order", text="这是您最近的一笔订单：", order=orders[0])
        close(reply)
        return None
    if chosen is None:
        reply.send("order_picker", text=errand.which, orders=candidates[:PICKER_LIMIT])
        reply.keep(awaiting="order")
    return chosen


async def with_order(errand: Errand, order: Order, known: dict[str, Any], turn: TurnContext, reply: Reply) -> None:
    """The order is clear: refuse what its state forbids, ask for what is missing, or finish."""
    reply.keep(order_no=order["order_no"], errand=errand.name, topic=errand.name, awaiting=None)
    refusal = errand.refusal(order)
    if refusal:
        reply.say(refusal)
        close(reply)
        return
    needs_person = errand.needs_person(order)
    if needs_person:
        reply.say(f"{short_title(order)}的{errand.label}我已经记下了。")
        reply.request("business_rule", 1.0, needs_person)
        close(reply)
        return
    for need in errand.needs:
        if need == "confirmation":
            reply.choices(errand.confirm(order, known), errand.confirm_label, "再想想")
            reply.keep(awaiting="confirmation")
            return
        if not known.get(need):
            ask(need, errand, reply)
            return
    await carry_out(errand, order, known, turn, reply)


def ask(need: str, errand: Errand, reply: Reply) -> None:
    reply.keep(awaiting=need)
    question, choices = errand.questions[need]
    if choices:
        reply.choices(question, *choices)
    else:
        reply.say(question, may_repeat=True)


async def carry_out(errand: Errand, order: Order, known: dict[str, Any], turn: TurnContext, reply: Reply) -> None:
    close(reply)
    if errand.finish is not None:
        await errand.finish(order, known, turn, reply)
        return
    body = await errand.body(order, known, turn)
    try:
        done = await shop().do(turn.customer_id, order["order_no"], errand.action, body, f"bot-{turn.turn_id}")
    except Forbidden as refused:
        reply.say(refused.detail)
        return
    reply.say(str(done.get("text") or f"{errand.label}已提交。"), may_repeat=True)


async def goes_on(turn: TurnContext, reply: Reply) -> bool:
    """Whether the line belongs to the open errand; then it has been dealt with."""
    errand = ERRANDS.get(str(turn.slot("errand") or ""))
    awaiting = turn.slot("awaiting")
    if errand is None or not awaiting:
        return False
    step = _STEPS[awaiting if awaiting in _STEPS else "reason"]
    offered = errand.questions.get(str(awaiting), ("", ()))[1]
    if turn.text in offered:
        # A choice that was just offered is that choice, whatever it may mean elsewhere (个人, 不想要了).
        return await step(errand, turn, reply)
    if turn.intent in LEAVES_ERRAND:
        close(reply)
        return False
    if turn.intent in BREAKS_IN and turn.confidence >= 0.6:
        return False
    if turn.intent == "wrong_order" and awaiting != "order":
        return await _another_order(errand, turn, reply)
    # 不喜欢了 is a reason to return something, not a refusal to go on.
    if is_no(turn) and not (awaiting == "reason" and _UNWANTED.search(turn.folded)):
        close(reply)
        reply.say(f"好的，{errand.label}先不办了。还有什么需要我帮忙的吗？", may_repeat=True)
        return True
    return await step(errand, turn, reply)


async def _another_order(errand: Errand, turn: TurnContext, reply: Reply) -> bool:
    order = await find_order(errand, turn, reply)
    if order is not None:
        await with_order(errand, order, dict(turn.slots), turn, reply)
    return True


def _starts_something_else(errand: Errand, turn: TurnContext) -> bool:
    """A clear wish for another errand, or a real question."""
    if turn.intent in ERRANDS_BY_INTENT and turn.intent not in errand.intents:
        return turn.confidence >= 0.55
    if turn.intent in {"faq", "product_question", "choose_entry"}:
        return turn.intent == "choose_entry" or bool(_QUESTION.search(turn.folded))
    return False


ERRANDS_BY_INTENT = frozenset(intent for errand in ERRANDS.values() for intent in errand.intents) | {
    "refund_progress",
    "coupon_trouble",
}


async def _take_order(errand: Errand, turn: TurnContext, reply: Reply) -> bool:
    if not named_number(turn) and _starts_something_else(errand, turn):
        return False
    if named_number(turn) or turn.guest:
        order = await find_order(errand, turn, reply)
    else:
        orders = await shop().orders(turn.customer_id)
        fitting = [order for order in orders if order.get("state") in errand.states] or orders[:PICKER_LIMIT]
        order = choose(fitting, turn, in_list=True)
        if order is None and turn.intent in {"faq", "product_question"}:
            return False
        if order is None:
            reply.send("order_picker", text=f"请点选一下是哪个订单，我好帮您办理{errand.label}。", orders=fitting)
    if order is not None:
        await with_order(errand, order, dict(turn.slots), turn, reply)
    return True


async def _order_of(turn: TurnContext, reply: Reply) -> Optional[Order]:
    """The errand's order as it is now; None when it is gone, and the customer has been told."""
    order = await shop().order(turn.customer_id, str(turn.slot("order_no")))
    if order is None:
        reply.say(NOT_FOUND)
        reply.keep(order_no=None, awaiting="order")
    return order


async def _continue_with(errand: Errand, known: dict[str, Any], turn: TurnContext, reply: Reply) -> None:
    order = await _order_of(turn, reply)
    if order is not None:
        await with_order(errand, order, known, turn, reply)


async def _take_reason(errand: Errand, turn: TurnContext, reply: Reply) -> bool:
    need = str(turn.slot("awaiting"))
    if is_yes(turn):
        ask(need, errand, reply)
        return True
    interrupts = turn.intent in {"ask_logistics", "order_status", "invoice", "coupon_trouble", "refund_progress"}
    # 公司抬头 … 税号 … sounds like a wish for an invoice and is what was asked for.
    interrupts = interrupts and not (need == "invoice" and _TITLE.search(turn.folded))
    asks = turn.intent in {"faq", "product_question", "choose_entry"} and _QUESTION.search(turn.folded)
    # 一直没发货 alone asks for an order's state; as one of the reasons that were offered it is a reason.
    if turn.text not in errand.questions[need][1] and ((interrupts and turn.confidence >= 0.6) or asks):
        return False
    order = await _order_of(turn, reply)
    if order is None:
        return True
    if mentions(order, turn.text) >= max(2, len(bare(turn.text)) - 2):
        # Only the product's name: he tells which, not why.
        ask(need, errand, reply)
        return True
    known = dict(turn.slots) | {need: turn.text[:100]}
    reply.keep(**{need: turn.text[:100]})
    await with_order(errand, order, known, turn, reply)
    return True


async def _take_address(errand: Errand, turn: TurnContext, reply: Reply) -> bool:
    found = address.parse(turn.text)
    if found is None:
        if not is_yes(turn) and (_starts_something_else(errand, turn)):
            return False
        ask("new_address", errand, reply)
        return True
    reply.keep(new_address=found)
    await _continue_with(errand, dict(turn.slots) | {"new_address": found}, turn, reply)
    return True


async def _take_confirmation(errand: Errand, turn: TurnContext, reply: Reply) -> bool:
    if bare(turn.text).startswith("继续"):
        # The answer to the reminder, not yet to the question: what will be changed is shown once more.
        await _continue_with(errand, dict(turn.slots), turn, reply)
        return True
    if is_yes(turn) or bare(turn.text) == bare(errand.confirm_label):
        order = await _order_of(turn, reply)
        if order is not None:
            await carry_out(errand, order, dict(turn.slots), turn, reply)
        return True
    correction = address.parse(turn.text) if "new_address" in errand.needs else None
    if correction:
        reply.keep(new_address=correction)
        await _continue_with(errand, dict(turn.slots) | {"new_address": correction}, turn, reply)
        return True
    if named_number(turn):
        return await _another_order(errand, turn, reply)
    if _starts_something_else(errand, turn) or turn.intent in {"faq", "product_question", "nlu_fallback"}:
        return False
    await _continue_with(errand, dict(turn.slots), turn, reply)
    return True


async def _take_evidence(errand: Errand, turn: TurnContext, reply: Reply) -> bool:
    reply.keep(evidence=turn.text[:100])
    await _continue_with(errand, dict(turn.slots) | {"evidence": turn.text[:100]}, turn, reply)
    return True


_STEPS = {
    "order": _take_order,
    "reason": _take_reason,
    "invoice": _take_reason,
    "new_address": _take_address,
    "confirmation": _take_confirmation,
    "evidence": _take_evidence,
}


def remind(turn: TurnContext, reply: Reply) -> None:
    """After another question was answered: the open errand is still there."""
    errand = ERRANDS.get(str(turn.slot("errand") or ""))
    untouched = not reply.requested and not (set(reply.slots) & {"errand", "awaiting"})
    if errand is not None and turn.slot("awaiting") and untouched and reply.messages:
        reply.choices(f"刚才的{errand.label}还没办完，要继续吗？", "继续", "先不办了")
