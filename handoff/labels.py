"""What a support desk calls the bot's intents and slots; an unknown name is shown as it is."""

from __future__ import annotations

INTENTS = {
    "faq": "常见问题",
    "ask_logistics": "查物流",
    "order_status": "查订单",
    "urge": "催发货",
    "urge_delivery": "催件",
    "change_address": "改地址",
    "cancel_order": "取消订单",
    "return_goods": "退货",
    "exchange_goods": "换货",
    "refund": "退款",
    "refund_progress": "退款进度",
    "repair": "维修",
    "invoice": "开发票",
    "price_protection": "价格保护",
    "coupon_trouble": "优惠券问题",
    "product_question": "咨询商品",
    "complaint": "投诉",
    "ask_person": "要求人工",
}

# Said on the way, never what the conversation is about.
SMALL_TALK = frozenset(
    {
        "ask_person", "refuse_person", "greet", "thank", "thanks", "goodbye", "bye", "affirm", "deny",
        "bot_challenge", "small_talk", "chitchat", "nlu_fallback", "choose_entry", "hurry", "unhelpful",
    }
)  # fmt: skip

SLOTS = {
    "order_no": "订单号",
    "tracking_no": "快递单号",
    "phone": "手机号",
    "phone_tail": "手机尾号",
    "name": "姓名",
    "address": "地址",
    "new_address": "新地址",
    "product": "商品",
    "product_id": "商品",
    "size": "尺码",
    "colour": "颜色",
    "courier": "快递公司",
    "date": "日期",
    "reason": "原因",
    "kind": "售后类型",
    "amount": "金额",
    "invoice_title": "发票抬头",
    "tax_no": "税号",
}


def intent_label(name: str) -> str:
    return INTENTS.get(name, name)


def slot_label(name: str) -> str:
    return SLOTS.get(name, name)


def is_shown(slot: str) -> bool:
    """Slots that only steer the dialogue are no facts about the customer."""
    return slot in SLOTS
