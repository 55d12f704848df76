"""What a support desk calls the bot's intents and slots; an unknown name is shown as it is."""

from __future__ import annotations

INTENTS = {
    "ask_logistics": "查物流",
    "order_status": "查订单",
    "hurry": "催单",
    "change_address": "改地址",
    "give_address": "改地址",
    "cancel_order": "取消订单",
    "wrong_order": "订单有误",
    "return_goods": "退货",
    "exchange_goods": "换货",
    "refund": "退款",
    "refund_progress": "退款进度",
    "goods_damaged": "商品破损",
    "goods_missing": "少发漏发",
    "goods_wrong": "发错商品",
    "invoice": "开发票",
    "coupon_trouble": "优惠券问题",
    "price_protection": "价格保护",
    "product_question": "咨询商品",
    "complain": "投诉",
    "faq": "咨询",
}

# Says only that there is a question; what it is about stands in the question itself.
SAYS_NOTHING = frozenset({"faq"})

# Said on the way, never what the conversation is about.
SMALL_TALK = frozenset(
    {
        "affirm", "ask_if_bot", "ask_person", "ask_what_you_can", "choose_entry", "choose_order", "deny",
        "give_order_no", "goodbye", "greet", "hold_on", "nlu_fallback", "praise", "refuse_person",
        "small_talk", "thank", "unhelpful",
    }
)  # fmt: skip

# Slots that only steer the dialogue (errand, awaiting, topic, misses …) are no facts about the customer.
SLOTS = {
    "order_no": "订单号",
    "tracking_no": "快递单号",
    "phone_tail": "手机尾号",
    "new_address": "新地址",
    "reason": "原因",
    "evidence": "问题描述",
    "invoice": "发票抬头",
    "size": "尺码",
    "colour": "颜色",
    "amount": "金额",
}


def intent_label(name: str) -> str:
    return INTENTS.get(name, name)


def slot_label(name: str) -> str:
    return SLOTS.get(name, name)


def is_shown(slot: str) -> bool:
    return slot in SLOTS
