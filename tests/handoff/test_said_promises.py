"""What counts as a promise to come back, until when it is meant, and what is none."""

from __future__ import annotations

from datetime import datetime

import pytest

from handoff.said_promises import said_promise
from handoff.sentences import SHOP_TIME

# A Monday afternoon in the shop.
NOW = datetime(2026, 1, 5, 16, 0, tzinfo=SHOP_TIME)


@pytest.mark.parametrize(
    ("words", "due"),
    [
        ("我这边核实一下，30分钟内给您回复", "01-05 16:30"),
        ("半小时内给您答复", "01-05 16:30"),
        ("一个半小时后联系您", "01-05 17:30"),
        ("两个小时内回复您", "01-05 18:00"),
        ("24小时内会有专员联系您", "01-06 16:00"),
        ("1-3个工作日内给您答复", "01-08 16:00"),
        ("明天上午给您回电话", "01-06 12:00"),
        ("明天下午三点前联系您", "01-06 15:00"),
        ("今晚给您一个答复", "01-05 22:00"),
        ("明早9点半给您消息", "01-06 09:30"),
        ("周三给您反馈", "01-07 22:00"),
        ("下周一上午回复您", "01-12 12:00"),
        ("我下班前回复您哈", "01-05 18:00"),
        ("后天 10:30 给您打电话", "01-07 10:30"),
        ("五点前给您回复", "01-05 17:00"),
    ],
)
def test_a_promise_is_heard_with_its_deadline(words: str, due: str) -> None:
    heard = said_promise(words, NOW)

    assert heard is not None
    assert heard.due_at.astimezone(SHOP_TIME).strftime("%m-%d %H:%M") == due


@pytest.mark.parametrize(
    "words",
    [
        "好的，我马上帮您看",
        "有结果会回复您",
        "您看明天上午给您回电话可以吗？",
        "快递员会在今天下午联系您",
        "预计明天下午送达",
        "麻烦您明天联系我们",
        "如果明天没到，我再联系您",
        "明天之前没法给您答复",
        "昨天下午已经回复您了",
        "24小时内发货",
        "今天早上九点给您回复",
        "",
    ],
)
def test_what_is_no_promise_to_come_back_is_left_alone(words: str) -> None:
    assert said_promise(words, NOW) is None


def test_a_call_is_told_from_a_message_and_the_clause_is_kept() -> None:
    call = said_promise("抱歉让您久等，明天上午给您回电话，请留意接听", NOW)

    assert call is not None
    assert (call.kind, call.text) == ("call_back", "明天上午给您回电话")
    message = said_promise("一小时内给您答复", NOW)
    assert message is not None and message.kind == "follow_up"


def test_working_days_skip_the_weekend() -> None:
    friday = datetime(2026, 1, 9, 10, 0, tzinfo=SHOP_TIME)

    heard = said_promise("两个工作日内答复您", friday)

    assert heard is not None and heard.due_at.astimezone(SHOP_TIME).strftime("%m-%d") == "01-13"
