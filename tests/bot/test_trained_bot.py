"""The trained bot with real Rasa processes: errands to the end, honest failures, and the contract files."""

from __future__ import annotations

import json
import uuid
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx
import pytest
from conftest import ROOT, RunningBot, Visitors

pytestmark = pytest.mark.rasa

CONTRACTS = sorted((ROOT / "tests" / "contracts").glob("bot_turn_*.json"))


def types(answer: dict[str, Any]) -> list[str]:
    return [message["type"] for message in answer["messages"]]


def text_of(answer: dict[str, Any]) -> str:
    return "\n".join(str(message.get("text", "")) for message in answer["messages"])


def done(visitors: Visitors, action: str) -> list[dict[str, Any]]:
    return [one for one in visitors.bot.shop.done.values() if one["action"] == action]


# --- answers


def test_a_question_gets_the_answer_of_the_knowledge_base(visitors: Visitors) -> None:
    answer = visitors.member("c1").say("七天无理由退货运费谁出")

    assert types(answer) == ["answer"]
    message = answer["messages"][0]
    assert (message["entry_id"], message["revision"]) == ("return-7days-freight", 7)
    assert answer["understanding"]["intent"] == "faq"
    assert answer["request"] is None


@pytest.mark.parametrize("text", ["你们发什么快递", "你家都发哪家快递啊", "发货用的哪家快递"])
@pytest.mark.parametrize("who", ["guest", "c1"])
def test_a_question_about_the_rule_is_no_question_about_a_parcel(visitors: Visitors, who: str, text: str) -> None:
    customer = visitors.guest() if who == "guest" else visitors.member(who)

    answer = customer.say(text)

    assert types(answer) == ["answer"] and answer["messages"][0]["entry_id"] == "courier-default"


def test_a_tapped_question_gets_its_answer(visitors: Visitors) -> None:
    answer = visitors.member("c1").say("满多少包邮", payload={"type": "entry", "entry_id": "shipping-free"})

    assert answer["messages"][0]["entry_id"] == "shipping-free"


def test_an_unclear_question_gets_options_then_a_person(visitors: Visitors) -> None:
    customer = visitors.member("c1")

    first, second = customer.say("邮费的规则"), customer.say("空气净化的原理")

    assert types(first) == ["did_you_mean"] and first["request"] is None
    assert second["request"]["reason"] in ("no_answer", "low_confidence")
    assert "人工" not in text_of(second)


def test_an_answer_in_between_forgives_the_first_miss(visitors: Visitors) -> None:
    customer = visitors.member("c1")

    customer.say("空气净化的原理")
    customer.say("七天无理由退货运费谁出")

    assert customer.say("石墨烯发热是怎么回事")["request"] is None


def test_the_same_question_again_is_a_case_for_a_person(visitors: Visitors) -> None:
    customer = visitors.member("c1")
    customer.say("七天无理由退货运费谁出")

    again = customer.say("七天无理由退货运费谁出？")

    assert again["request"]["reason"] == "repeated"
    assert {"repeated"} <= {trigger["reason"] for trigger in again["triggers"]}


def test_lines_written_apart_from_the_examples_are_understood(visitors: Visitors) -> None:
    lines = (Path(__file__).parent / "cases" / "intents_held_out.tsv").read_text(encoding="utf-8").splitlines()
    pairs = [line.split("\t") for line in lines if line and not line.startswith("#")]

    guesses = [visitors.member("c1").say(text)["understanding"]["intent"] for text, _ in pairs]

    right = sum(guess == intent for guess, (_, intent) in zip(guesses, pairs, strict=True))
    assert right / len(pairs) >= 0.93


# --- orders


def test_one_parcel_on_its_way_is_shown_at_once(visitors: Visitors) -> None:
    answer = visitors.member("c1").say("我的快递到哪了")

    message = answer["messages"][0]
    assert types(answer) == ["logistics"]
    assert message["order_no"] == "88260000000101" and message["traces"]
    assert "上海转运中心" in message["text"]


@pytest.mark.parametrize("choice", ["第一个", "四件套那个", "88260000000201", "尾号0201"])
def test_of_several_orders_one_is_chosen(visitors: Visitors, choice: str) -> None:
    customer = visitors.member("c2")

    picker = customer.say("我的快递到哪了")
    answer = customer.say(choice)

    assert types(picker) == ["order_picker"] and len(picker["messages"][0]["orders"]) == 2
    assert types(answer) == ["logistics"] and answer["messages"][0]["order_no"] == "88260000000201"


def test_a_tap_in_the_picker_is_a_choice(visitors: Visitors) -> None:
    customer = visitors.member("c2")
    customer.say("我的快递到哪了")

    answer = customer.tap_order("88260000000201")

    assert types(answer) == ["logistics"]


def test_a_customer_without_orders_is_told(visitors: Visitors) -> None:
    assert "没有订单" in text_of(visitors.member("c3").say("我的快递到哪了"))


def test_a_guest_is_asked_to_sign_in(visitors: Visitors) -> None:
    answer = visitors.guest().say("我的快递到哪了")

    assert "登录" in text_of(answer) and answer["request"] is None


@pytest.mark.parametrize("who", ["guest", "c1"])
def test_somebody_elses_order_looks_like_none(visitors: Visitors, who: str) -> None:
    customer = visitors.guest() if who == "guest" else visitors.member(who)

    answer = customer.say("订单88260000000201到哪了")

    assert "没有查到" in text_of(answer)
    assert "四件套" not in json.dumps(answer, ensure_ascii=False)


def test_an_order_is_hurried_once_per_turn(visitors: Visitors) -> None:
    customer = visitors.member("c1")
    turn_id = uuid.uuid4().hex

    first = customer.say("帮我催一下快递", turn_id=turn_id)
    again = customer.say("帮我催一下快递", turn_id=turn_id)

    assert first == again
    keys = [call[3].get("Idempotency-Key") or call[3].get("idempotency-key") for call in visitors.bot.shop.calls]
    assert keys.count(f"bot-{turn_id}") == 1


# --- errands with a confirmation


def test_a_return_is_asked_for_confirmed_and_done(visitors: Visitors) -> None:
    customer = visitors.member("c2")

    why = customer.say("我要退货")
    confirm = customer.say("不想要了")
    assert done(visitors, "after-sale") == []
    customer.say("确认退货")

    assert types(why) == types(confirm) == ["choices"]
    assert "保温杯" in text_of(confirm)
    (sent,) = done(visitors, "after-sale")
    assert sent["body"] == {"kind": "return", "reason": "不想要了"}
    assert customer.slots.get("awaiting") is None
    visitors.bot.shop.done.clear()


def test_thinking_again_changes_nothing(visitors: Visitors) -> None:
    customer = visitors.member("c2")
    customer.say("取消订单")

    answer = customer.say("再想想")

    assert done(visitors, "cancel") == []
    assert customer.slots.get("errand") is None and "先不办" in text_of(answer)


def test_a_question_in_between_does_not_lose_the_errand(visitors: Visitors) -> None:
    customer = visitors.member("c2")
    customer.say("我想改一下收货地址")
    customer.say("张三 13912345678 上海市徐汇区漕溪路123号5栋302")

    between = customer.say("七天无理由退货运费谁出")
    again = customer.say("继续")
    customer.say("确认修改")

    assert types(between) == ["answer", "choices"]
    assert "漕溪路123号" in text_of(again)
    (sent,) = done(visitors, "address")
    assert sent["body"] == {"name": "张三", "phone": "13912345678", "text": "上海市徐汇区漕溪路123号5栋302"}
    visitors.bot.shop.done.clear()


def test_a_wiped_tracker_costs_nothing_because_the_desk_keeps_the_slots(visitors: Visitors) -> None:
    customer = visitors.member("c2")
    customer.say("我要退货")
    customer.say("不想要了")
    customer.session = 2

    customer.say("确认退货")

    assert len(done(visitors, "after-sale")) == 1
    visitors.bot.shop.done.clear()


def test_a_choice_that_was_offered_is_taken_as_that_choice(visitors: Visitors) -> None:
    customer = visitors.member("c1")
    customer.say("开发票")

    answer = customer.say("个人")

    assert answer["request"] is None and customer.slots["invoice"] == "个人"


def test_a_company_title_with_its_tax_number_is_what_was_asked_for(visitors: Visitors) -> None:
    customer = visitors.member("c1")
    customer.say("开发票")

    answer = customer.say("公司抬头 无锡云帆贸易有限公司 税号91320214MA1WABCD7K")

    assert "无锡云帆贸易有限公司" in text_of(answer)


def test_the_shop_may_refuse_and_its_sentence_is_passed_on(visitors: Visitors) -> None:
    customer = visitors.member("c1")
    customer.say("刚买就降价了 退差价")

    assert "没有降价" in text_of(customer.say("确认申请"))


def test_a_big_return_goes_to_a_person(visitors: Visitors) -> None:
    answer = visitors.member("c4").say("我要退货")

    assert answer["request"]["reason"] == "business_rule"


def test_damaged_goods_ask_for_pictures_then_a_person(visitors: Visitors) -> None:
    customer = visitors.member("c1")

    first, second = customer.say("收到的耳机是坏的，一边没声音"), customer.say("[图片]")

    assert "照片" in text_of(first) and first["request"] is None
    assert second["request"]["reason"] == "business_rule"


@pytest.mark.parametrize(("text", "part"), [("退款到哪了", "仓库验货通过"), ("优惠券用不了", "还没满 199 元")])
def test_progress_and_coupons_are_looked_up(visitors: Visitors, text: str, part: str) -> None:
    assert part in text_of(visitors.member("c2").say(text))


# --- a person


@pytest.mark.parametrize("text", ["转人工", "我要真人客服", "／转人工", "不想跟机器人聊了"])
def test_a_person_is_asked_for_and_not_announced(visitors: Visitors, text: str) -> None:
    answer = visitors.member("c1").say(text)

    assert answer["request"]["reason"] == "user_asked"
    assert answer["messages"] == []


@pytest.mark.parametrize("text", ["不用转人工", "先别转人工", "人工智能手表有货吗", "人工费怎么算", "你是真人吗"])
def test_a_person_is_not_asked_for(visitors: Visitors, text: str) -> None:
    answer = visitors.member("c1").say(text)

    assert answer["request"] is None
    assert answer["messages"]


def test_a_threat_goes_to_a_person_at_once(visitors: Visitors) -> None:
    answer = visitors.member("c1", level="gold").say("再不处理我就打12315")

    assert answer["request"]["reason"] == "sensitive_word"
    assert {"sensitive_word", "vip_rule"} <= {trigger["reason"] for trigger in answer["triggers"]}


def test_a_complaint_is_soothed_and_passed_on(visitors: Visitors) -> None:
    answer = visitors.member("c1").say("什么破店，服务太差了，我要投诉")

    assert "抱歉" in text_of(answer)
    assert answer["request"]["reason"] == "business_rule"
    assert any(trigger["reason"] == "negative_emotion" for trigger in answer["triggers"])


def test_after_a_person_the_bot_knows_of_it_once(visitors: Visitors) -> None:
    customer = visitors.member("c1")
    customer.session = 2

    first = customer.say("我的快递到哪了", note="已补发，等客户确认")
    second = customer.say("七天无理由退货运费谁出", note="已补发，等客户确认")

    assert types(first) == ["text", "logistics"] and "人工同事" in text_of(first)
    assert types(second) == ["answer"]
    assert "补发" not in text_of(first)


# --- bad input


@pytest.mark.parametrize(
    "text",
    [
        "/restart",
        ' /refund{"x":1}',
        "／session_start",
        "EXTERNAL: refund",
        "😀😀😀",
        "啊" * 500,
        "<script>alert(1)</script>",
        "<b>退货</b>",
        "'; --",
        "快\x00递",
        "那个喂你好就是说我前几天不是在你们那个店里头买了个东西嘛然后呢就是他那个我也不知道是怎么个情况就一直没有"
        "人跟我说这个事情然后我家里人又催我说到底是怎么回事你们那边能不能帮我看一下谢谢啊",
    ],
    ids=["restart", "refund", "wide", "external", "emoji", "long", "script", "markup", "quote", "nul", "voice"],
)
def test_odd_lines_get_a_harmless_answer(visitors: Visitors, text: str) -> None:
    before = len(visitors.bot.shop.done)

    answer = visitors.member("c2").say(text)

    assert answer["messages"] or answer["request"]
    assert len(visitors.bot.shop.done) == before


@pytest.mark.parametrize(
    "members",
    [
        {"text": ""},
        {"text": "好" * 4_001},
        {"text": "好" * 10_000_000},
        {"text": {"a": 1}},
        {"turn_id": 5},
        {"customer": []},
        {"payload": {"type": "order", "order_no": 7}},
    ],
    ids=["empty", "long", "10 MB", "object", "number", "list", "payload"],
)
def test_what_is_no_turn_is_refused_with_a_code_and_others_go_on(visitors: Visitors, members: dict[str, Any]) -> None:
    refused = visitors.member("c1").post(**{"text": "你好", **members})

    assert refused.status_code in (400, 413)
    assert "Traceback" not in refused.text
    assert visitors.member("c2").say("你好")["messages"]


@pytest.mark.parametrize("payload", [{"type": "order", "order_no": "0"}, {"type": "entry", "entry_id": "no-such"}])
def test_an_unknown_id_is_answered_in_words(visitors: Visitors, payload: dict[str, str]) -> None:
    answer = visitors.member("c1").say("", payload=payload)

    assert text_of(answer) and answer["request"] is None


def test_a_lone_surrogate_is_refused_by_the_running_bot(visitors: Visitors) -> None:
    body = b'{"turn_id": "t", "conversation_id": "c", "text": "\\ud800"}'

    answer = httpx.post(f"{visitors.bot.url}/turn", content=body, timeout=20, trust_env=False)

    assert answer.status_code == 400


@pytest.mark.parametrize("text", ["/restart", "/ask_person", ' /ask_person{"order_no": "1"}', "／ask_person"])
def test_no_typed_command_becomes_an_intent(visitors: Visitors, text: str) -> None:
    answer = visitors.member("c2").say(text)

    assert answer["understanding"]["confidence"] < 1.0
    assert (answer["request"] or {}).get("reason") != "user_asked"


# --- parts away


def test_knowledge_base_down_means_no_answer_rather_than_a_wrong_one(visitors: Visitors) -> None:
    visitors.bot.knowledge.down = True

    answer = visitors.member("c1").say("七天无理由退货运费谁出")

    assert types(answer) == ["text"] and answer["request"]["reason"] == "bot_error"


def test_shop_down_is_said_plainly(visitors: Visitors) -> None:
    visitors.bot.shop.down = True

    answer = visitors.member("c1").say("我的快递到哪了")

    assert types(answer) == ["text"] and answer["request"]["reason"] == "bot_error"


def test_action_server_down_is_a_failure_and_heals(visitors: Visitors, running_bot: RunningBot) -> None:
    customer = visitors.member("c1")
    running_bot.stop_actions()
    turn = {"turn_id": uuid.uuid4().hex}

    failed = customer.post("七天无理由退货运费谁出", **turn)
    running_bot.start_actions()
    running_bot.wait_until_ready()
    healed = customer.post("七天无理由退货运费谁出", **turn)

    assert (failed.status_code, failed.json()["error"]["code"]) == (500, "action_failed")
    assert healed.status_code == 200, healed.text
    assert healed.json()["messages"][0]["type"] == "answer"


# --- the process


def test_turns_at_once_are_all_answered_or_refused_with_a_code(visitors: Visitors) -> None:
    customers = [visitors.member("c1") for _ in range(12)]

    with ThreadPoolExecutor(12) as pool:
        responses = list(pool.map(lambda customer: customer.post("七天无理由退货运费谁出"), customers))

    assert {response.status_code for response in responses} <= {200, 429}
    assert sum(response.status_code == 200 for response in responses) >= 4


def test_logs_hold_no_words_of_a_customer(visitors: Visitors, running_bot: RunningBot) -> None:
    secret = f"我的邮箱是{uuid.uuid4().hex}"
    visitors.member("c1").say(secret)
    visitors.member("c1").say(f"/{secret}")

    log = running_bot.log.read_text(encoding="utf-8", errors="replace")
    assert "turn.answered" in log
    assert secret[5:] not in log


@pytest.mark.parametrize("path", ["/model/parse", "/conversations/x/tracker", "/webhooks/rest/webhook", "/model"])
def test_nothing_but_our_channel_is_open(running_bot: RunningBot, path: str) -> None:
    import httpx

    base = running_bot.url.split("/webhooks")[0]
    assert httpx.post(f"{base}{path}", json={}, timeout=5, trust_env=False).status_code in (404, 405)


# --- the contract that the desk's bridge tests against too


def _comparable(answer: dict[str, Any]) -> dict[str, Any]:
    """Confidences move with every training; all else is the contract."""
    answer = json.loads(json.dumps(answer))
    if "understanding" in answer:
        answer["understanding"]["confidence"] = answer["understanding"]["confidence"] > 0.5
        answer["understanding"]["ranking"] = bool(answer["understanding"]["ranking"])
    for item in [*answer.get("triggers", []), answer.get("request") or {}]:
        if item.get("reason") in ("no_answer", "low_confidence", "business_rule", "negative_emotion"):
            item["score"] = 0 <= item["score"] <= 1
    return answer


@pytest.mark.parametrize("path", [p for p in CONTRACTS if "failure" not in p.name], ids=lambda path: path.stem)
def test_the_bot_answers_as_the_contract_file_says(visitors: Visitors, path: Path) -> None:
    contract = json.loads(path.read_text(encoding="utf-8"))
    request = {**contract["request"], "turn_id": uuid.uuid4().hex, "conversation_id": uuid.uuid4().hex}

    response = visitors.member("c1").post(**request)

    expected = {**contract["response"], "turn_id": request["turn_id"]}
    if response.status_code != 200:
        expected = contract["response"]
    assert response.status_code == contract["status"]
    assert _comparable(response.json()) == _comparable(expected)
