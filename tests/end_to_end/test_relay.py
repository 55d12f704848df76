"""The main job in real browsers: a customer asks, the bot answers, a person takes over and knows everything."""

from __future__ import annotations

import re
from typing import Any

import httpx
import pytest
from playwright.sync_api import Locator, Page, expect

from tests.end_to_end.conftest import Jieli

pytestmark = [pytest.mark.rasa, pytest.mark.browser, pytest.mark.timeout(240)]

SOON = 15_000
"""Milliseconds for what people see at once; wide, because a busy test machine is no reason to fail."""


def shopper_name(jieli: Jieli, customer_id: str) -> str:
    return str(httpx.get(f"{jieli.here.shop_url}/token", params={"customer": customer_id}).json()["name"])


def open_chat(page: Page, jieli: Jieli, customer_id: str | None = None) -> None:
    token = ""
    if customer_id:
        asked = httpx.get(f"{jieli.here.shop_url}/token", params={"customer": customer_id})
        token = f"#token={asked.json()['token']}"
    page.goto(f"{jieli.here.desk_url}/chat?app=demo{token}")
    expect(page.get_by_test_id("greeting")).to_be_visible(timeout=SOON)


def say(page: Page, text: str) -> None:
    page.get_by_test_id("input").fill(text)
    page.get_by_test_id("input").press("Enter")
    expect(page.get_by_test_id("message").filter(has_text=text).last).to_be_visible(timeout=SOON)


def sign_in(page: Page, jieli: Jieli, login: str) -> None:
    page.goto(f"{jieli.here.desk_url}/console/")
    page.get_by_test_id("login").fill(login)
    page.get_by_test_id("password").fill(jieli.password_of(login))
    page.get_by_test_id("sign-in").click()
    expect(page.get_by_test_id("account")).to_be_visible(timeout=SOON)


def go_online(page: Page) -> None:
    page.get_by_test_id("presence").click()
    page.get_by_test_id("presence-online").click()


def messages(page: Page, text: str | re.Pattern[str]) -> Locator:
    return page.get_by_test_id("message").filter(has_text=text)


def seqs(page: Page) -> list[str]:
    return [str(item.get_attribute("data-seq")) for item in page.get_by_test_id("message").all()]


def test_guest_gets_the_answer_to_a_common_question_marked_as_the_bots(jieli: Jieli, customer_page: Page) -> None:
    open_chat(customer_page, jieli)
    expect(customer_page.get_by_test_id("question").first).to_be_visible(timeout=SOON)

    say(customer_page, "七天无理由退货运费谁出")

    answer = messages(customer_page, "运费").filter(has=customer_page.get_by_test_id("helpful")).last
    expect(answer).to_be_visible(timeout=SOON)
    expect(answer).to_contain_text("机器人")
    answer.get_by_test_id("helpful").click()
    expect(customer_page.get_by_test_id("verdict-given").first).to_be_visible(timeout=SOON)


def test_shopper_with_one_parcel_is_told_where_it_is(jieli: Jieli, customer_page: Page) -> None:
    open_chat(customer_page, jieli, "c1002")

    say(customer_page, "我的快递到哪了")

    expect(messages(customer_page, re.compile("中通|圆通|韵达|顺丰|京东")).last).to_be_visible(timeout=SOON)


def test_shopper_with_several_parcels_picks_one(jieli: Jieli, customer_page: Page) -> None:
    open_chat(customer_page, jieli, "c1001")

    say(customer_page, "我的快递到哪了")
    picks = customer_page.get_by_test_id("order-pick")
    expect(picks.first).to_be_visible(timeout=SOON)
    assert picks.count() > 1
    picks.first.click()

    expect(messages(customer_page, re.compile("中通|圆通|韵达|顺丰|京东|待发货|还没有发货")).last).to_be_visible(
        timeout=SOON
    )


def test_question_outside_the_knowledge_base_ends_with_a_person(jieli: Jieli, customer_page: Page) -> None:
    open_chat(customer_page, jieli)
    queue = customer_page.get_by_test_id("queue")

    for question in ("你们老板在火星上开的分店周末营业吗", "那火星店里的恐龙蛋怎么孵", "恐龙蛋孵化器几伏电压"):
        if queue.is_visible():
            break
        before = customer_page.get_by_test_id("message").count()
        say(customer_page, question)
        answered = customer_page.get_by_test_id("message").nth(before + 1)
        expect(answered.or_(queue).first).to_be_visible(timeout=SOON)

    expect(queue).to_be_visible(timeout=SOON)


def test_refusing_a_person_is_not_asking_for_one(jieli: Jieli, customer_page: Page) -> None:
    open_chat(customer_page, jieli)
    queue = customer_page.get_by_test_id("queue")

    say(customer_page, "不用转人工")
    say(customer_page, "你们发什么快递")
    expect(messages(customer_page, re.compile("中通|圆通|顺丰")).last).to_be_visible(timeout=SOON)
    expect(queue).to_be_hidden()
    say(customer_page, "转人工")

    expect(queue).to_be_visible(timeout=SOON)


def test_agent_takes_over_knowing_everything_and_the_customer_rates(
    jieli: Jieli, customer_page: Page, agent_page: Page
) -> None:
    sign_in(agent_page, jieli, "dawei")
    go_online(agent_page)
    open_chat(customer_page, jieli, "c1025")
    say(customer_page, "七天无理由退货运费谁出")
    expect(customer_page.get_by_test_id("helpful").last).to_be_visible(timeout=SOON)
    say(customer_page, "我的快递到哪了")
    expect(messages(customer_page, re.compile("中通|圆通|韵达|顺丰|京东")).last).to_be_visible(timeout=SOON)
    customer_page.get_by_test_id("ask-person").click()
    expect(customer_page.get_by_test_id("queue")).to_be_visible(timeout=SOON)

    # The conversation arrives by itself; the card holds what the customer already said.
    agent_page.get_by_test_id("list-waiting").click()
    row = agent_page.locator("[data-testid^=row-]").filter(has_text=shopper_name(jieli, "c1025")).first
    expect(row).to_be_visible(timeout=SOON)
    row.click()
    expect(agent_page.get_by_test_id("handoff-card")).to_be_visible(timeout=SOON)
    expect(agent_page.get_by_test_id("card-reason")).to_contain_text("要求人工")
    expect(agent_page.get_by_test_id("card-tried")).to_contain_text("运费")
    expect(agent_page.get_by_test_id("card-orders")).to_be_visible()
    expect(agent_page.get_by_test_id("card-do-not-ask")).to_be_visible()
    expect(agent_page.get_by_test_id("transcript")).to_contain_text("七天无理由退货运费谁出")
    agent_page.get_by_test_id("claim").click()
    expect(agent_page.get_by_test_id("close")).to_be_visible(timeout=SOON)
    agent_page.get_by_test_id("composer").fill("您好，包裹我已经帮您核实过了，明天送到。")
    agent_page.get_by_test_id("send").click()
    expect(messages(customer_page, "明天送到")).to_be_visible(timeout=SOON)
    expect(messages(customer_page, "明天送到").last).to_contain_text("大伟")

    # A reload of either page at any moment loses nothing and shows nothing twice.
    shown = seqs(customer_page)
    customer_page.reload()
    expect(messages(customer_page, "明天送到")).to_have_count(1, timeout=SOON)
    assert seqs(customer_page) == shown
    agent_page.reload()
    expect(agent_page.get_by_test_id("transcript")).to_contain_text("明天送到", timeout=SOON)
    expect(messages(agent_page, "明天送到")).to_have_count(1)

    say(customer_page, "好的谢谢")
    expect(messages(agent_page, "好的谢谢")).to_have_count(1, timeout=SOON)
    agent_page.get_by_test_id("close").click()
    agent_page.get_by_test_id("outcome-solved").locator("xpath=ancestor::label").click()
    agent_page.get_by_test_id("close-confirm").click()
    expect(customer_page.get_by_test_id("rating")).to_be_visible(timeout=SOON)
    customer_page.get_by_test_id("rate-solved").click()
    customer_page.get_by_test_id("star-5").check(force=True)
    customer_page.get_by_test_id("rate-submit").click()
    expect(customer_page.get_by_test_id("rating")).to_be_hidden(timeout=SOON)
    expect(customer_page.get_by_test_id("log")).to_contain_text("您已评价", timeout=SOON)


def test_published_edit_answers_the_next_question(jieli: Jieli, customer_page: Page, agent_page: Page) -> None:
    sign_in(agent_page, jieli, "yating")
    agent_page.get_by_test_id("nav-knowledge").click()
    agent_page.get_by_test_id("entry-search").fill("七天无理由退货运费谁出")
    entry = agent_page.locator("[data-testid^=entry-return-7days-freight]")
    entry.first.click()
    editor = agent_page.get_by_test_id("entry-editor")
    expect(editor).to_be_visible(timeout=SOON)

    answer = editor.locator("[contenteditable=true]")
    answer.click()
    answer.press("End")
    answer.press_sequentially("（今日更新）")
    agent_page.get_by_test_id("save-entry").click()
    agent_page.get_by_test_id("publish").click()
    expect(agent_page.get_by_text(re.compile("已在 1/1 个节点生效"))).to_be_visible(timeout=SOON)
    open_chat(customer_page, jieli)
    say(customer_page, "七天无理由退货运费谁出")

    expect(messages(customer_page, "今日更新").last).to_be_visible(timeout=SOON)


def test_trying_a_question_tells_how_it_was_read_and_what_each_figure_is_held_against(
    jieli: Jieli, agent_page: Page
) -> None:
    def tried(text: str) -> dict[str, Any]:
        agent_page.get_by_test_id("try-field").locator("visible=true").fill(text)
        with agent_page.expect_response(lambda answer: answer.url.endswith("/try")) as told:
            agent_page.get_by_test_id("try-run").click()
        return dict(told.value.json())

    sign_in(agent_page, jieli, "yating")
    agent_page.get_by_test_id("nav-knowledge").click()
    verdict = agent_page.get_by_test_id("try-decision")

    tried("前天在你们家买的电饭煲，七天无理由退货运费谁出")
    expect(agent_page.get_by_test_id("try-reading")).to_have_text("按「七天无理由退货运费谁出」查找", timeout=SOON)
    expect(verdict).to_contain_text("直接回答")

    found = tried("邮费谁给")
    limits = found["explanation"]
    assert found["probability"] < found["in_scope"]
    expect(verdict).to_contain_text(
        f"把握 {found['probability']:.0%}（{limits['answer_at']:.0%} 起直接回答）", timeout=SOON
    )
    in_scope = f"库里有答案 {found['in_scope']:.0%}（{limits['suggest_at']:.0%} 起让客户选）"
    expect(agent_page.get_by_test_id("try-in-scope")).to_have_text(in_scope)
    expect(agent_page.get_by_test_id("try-reading")).to_be_hidden()
