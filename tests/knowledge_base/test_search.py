"""What a customer's question gets: an answer, a choice, a question back, or a person."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from threadpoolctl import threadpool_info, threadpool_limits

from knowledge_base import search
from knowledge_base.confidence import Confidence
from knowledge_base.embedder import OnnxEmbedder
from knowledge_base.embedding_cache import CachedEmbedder
from knowledge_base.search import Decision, Policy, Search, decide
from knowledge_base.settings import Settings
from tests.knowledge_base.conftest import FREIGHT, INVOICE, Desk, Opening
from tests.knowledge_base.stand_ins import KnowsAFewWords


async def test_an_empty_faq_answers_nothing_and_hands_over(desk: Desk) -> None:
    found = await desk.ask("七天无理由退货运费谁出")

    assert (found["decision"], found["results"], found["probability"]) == ("hand_over", [], 0)


def test_a_choice_is_offered_where_something_here_may_answer_and_a_person_called_where_nothing_does() -> None:
    policy = Policy(answer_at=0.8, suggest_at=0.3)

    assert decide("怎么开发票", best=0.2, in_scope=0.9, policy=policy) is Decision.DID_YOU_MEAN
    assert decide("怎么开发票", best=0.2, in_scope=0.25, policy=policy) is Decision.HAND_OVER
    assert decide("怎么开发票", best=0.85, in_scope=0.9, policy=policy) is Decision.ANSWER


async def test_the_only_entry_is_not_the_answer_to_everything(
    settings: Settings, opening: Opening, real_model: OnnxEmbedder
) -> None:
    desk = await opening(settings, real_model)
    await desk.publish(**FREIGHT)

    exact, other = await desk.ask(FREIGHT["question"]), await desk.ask("你们公司招聘程序员吗")

    assert exact["decision"] == "answer"
    assert exact["results"][0]["answer"] == FREIGHT["answer"]
    assert other["decision"] == "hand_over"
    assert other["in_scope"] < 0.3 < exact["in_scope"]


async def test_the_service_compares_with_what_is_asked_elsewhere_and_word_by_word_and_says_so(
    settings: Settings, opening: Opening, real_model: OnnxEmbedder
) -> None:
    desk = await opening(settings, real_model)
    await desk.publish(**FREIGHT)

    strange = await desk.ask("国际漫游怎么开通", explain=True)

    (measured,) = strange["explanation"]["features"]
    assert strange["decision"] == "hand_over"
    assert measured["outside_lead"] < -0.2
    assert measured["words_met"] < 0.5


def test_a_search_keeps_to_one_core(settings: Settings, tmp_path: Path) -> None:
    with threadpool_limits(2, user_api="blas"):
        Search(CachedEmbedder(KnowsAFewWords(), tmp_path / "cache.sqlite3"), Confidence.load(), Policy(0.8, 0.3), None)

        threads = {one["num_threads"] for one in threadpool_info() if one["user_api"] == "blas"}

    assert threads == {1}


async def test_what_is_impossible_is_not_shown_beside_what_is_likely(
    settings: Settings, opening: Opening, real_model: OnnxEmbedder, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk = await opening(settings, real_model)
    freight, invoice = await desk.publish(**FREIGHT), await desk.publish(**INVOICE)

    sure = await desk.ask(FREIGHT["question"])
    monkeypatch.setattr(search, "UNLIKELY", 1.0)
    strange = await desk.ask("国际漫游怎么开通")

    assert [result["entry_id"] for result in sure["results"]] == [freight["id"]]
    assert strange["decision"] == "hand_over"
    assert {result["entry_id"] for result in strange["results"]} == {freight["id"], invoice["id"]}


async def test_what_was_bought_is_left_aside_where_that_finds_more(
    settings: Settings, opening: Opening, real_model: OnnxEmbedder
) -> None:
    desk = await opening(settings, real_model)
    freight, _ = await desk.publish(**FREIGHT), await desk.publish(**INVOICE)

    found = await desk.ask(f"前天在你们家买的电饭煲，{FREIGHT['question']}", explain=True)

    assert (found["decision"], found["results"][0]["entry_id"]) == ("answer", freight["id"])
    assert found["explanation"]["question"] == FREIGHT["question"]


async def test_a_question_in_other_words_finds_its_entry(
    settings: Settings, opening: Opening, real_model: OnnxEmbedder
) -> None:
    desk = await opening(settings, real_model)
    freight, _ = await desk.publish(**FREIGHT), await desk.publish(**INVOICE)

    found = await desk.ask("不想要了寄回去的邮费要我自己掏吗")

    assert found["results"][0]["entry_id"] == freight["id"]


async def test_traditional_characters_full_width_and_faces_ask_the_same_question(desk: Desk) -> None:
    entry = await desk.publish(question="退货运费谁出？7天内")

    found = await desk.ask("請問：退貨運費誰出？？？７天內😡")
    plain = await desk.ask("退货运费谁出?7天内")

    assert plain["decision"] == "answer"
    assert found["results"][0]["entry_id"] == entry["id"]


async def test_two_entries_with_the_same_question_are_offered_and_not_answered(desk: Desk) -> None:
    first = await desk.publish(answer="买家出。")
    second = await desk.publish(answer="卖家出。")

    found = await desk.ask(FREIGHT["question"])

    assert found["decision"] == "did_you_mean"
    assert {result["entry_id"] for result in found["results"]} == {first["id"], second["id"]}


async def test_a_question_that_stands_in_the_faq_word_for_word_needs_no_model(
    settings: Settings, opening: Opening
) -> None:
    embedder = KnowsAFewWords()
    desk = await opening(settings, embedder)
    await desk.publish(**FREIGHT)
    embedder.embedded.clear()

    tapped = await desk.ask(FREIGHT["question"])
    other = await desk.ask("寄回去的邮费谁掏")

    assert tapped["decision"] == "answer" and other["results"]
    assert embedder.embedded == ["寄回去的邮费谁掏"]


async def test_words_without_a_topic_are_asked_back(desk: Desk) -> None:
    await desk.publish()

    found = await desk.ask("怎么弄啊")

    assert found["decision"] == "ask_back"
    assert "退货" in found["missing"]


async def test_a_channel_gets_its_own_answer(desk: Desk) -> None:
    await desk.publish(variants={"wechat": {"answer": "买家出，详见小程序。"}})

    usual, wechat = await desk.ask(FREIGHT["question"]), await desk.ask(FREIGHT["question"], channel="wechat")

    assert usual["results"][0]["answer"] == FREIGHT["answer"]
    assert wechat["results"][0]["answer"] == "买家出，详见小程序。"


async def test_an_entry_is_quoted_only_between_its_dates(desk: Desk) -> None:
    now = datetime.now(UTC)
    await desk.publish(question="双十一退货延长吗", valid_to=(now - timedelta(minutes=1)).isoformat())
    await desk.publish(question="年货节退货延长吗", valid_from=(now + timedelta(days=1)).isoformat())
    await desk.publish(question="现在退货延长吗", valid_from=(now - timedelta(days=1)).isoformat())

    questions = [result["question"] for result in (await desk.ask("双十一退货延长吗"))["results"]]

    assert questions == ["现在退货延长吗"]


async def test_rich_answers_are_harmless(desk: Desk) -> None:
    await desk.publish(html='<p onclick="x()">看<a href="javascript:alert(1)">这里</a><script>alert(1)</script></p>')

    html = (await desk.ask(FREIGHT["question"]))["results"][0]["html"]

    assert "<p>" in html
    assert "script" not in html and "onclick" not in html


async def test_a_plain_answer_is_shown_as_text(desk: Desk) -> None:
    await desk.publish(answer="满 <b>59</b> 元\n包邮")

    html = (await desk.ask(FREIGHT["question"]))["results"][0]["html"]

    assert html == "<p>满 &lt;b&gt;59&lt;/b&gt; 元</p><p>包邮</p>"


async def test_related_entries_are_named_while_they_are_served(desk: Desk) -> None:
    invoice = await desk.publish(**INVOICE)
    await desk.publish(related=[invoice["id"], "nobody"])

    before = (await desk.ask(FREIGHT["question"]))["results"][0]["related"]
    await desk.move(invoice, "withdraw")
    after = (await desk.ask(FREIGHT["question"]))["results"][0]["related"]

    assert before == [{"entry_id": invoice["id"], "question": INVOICE["question"]}]
    assert after == []


async def test_a_short_question_may_lean_on_the_line_before_but_is_never_answered_by_it(desk: Desk) -> None:
    await desk.publish()

    found = await desk.ask("运费呢", context=["七天无理由退货", "七天无理由退货运费谁出"])

    assert found["decision"] != "answer"


async def test_a_question_that_only_names_its_topic_is_answered_where_it_stands_word_for_word(desk: Desk) -> None:
    await desk.publish()
    before = await desk.ask("运费呢")
    await desk.publish(question="运费呢", answer="满 59 元包邮。")

    after = await desk.ask("运费呢")

    assert before["decision"] != "answer"
    assert (after["decision"], after["results"][0]["answer"]) == ("answer", "满 59 元包邮。")


async def test_explaining_shows_what_was_measured(desk: Desk) -> None:
    await desk.publish()

    found = await desk.ask("請問七天无理由退货运费谁出", explain=True)

    assert found["explanation"]["question"] == FREIGHT["question"]
    assert found["explanation"]["features"][0]["exact"] == 1
    assert found["explanation"]["answer_at"] > found["explanation"]["suggest_at"] > 0


async def test_a_word_that_no_phrasing_has_is_held_against_an_entry(
    settings: Settings, opening: Opening, real_model: OnnxEmbedder
) -> None:
    desk = await opening(settings, real_model)
    await desk.publish(**FREIGHT)
    await desk.publish(**INVOICE)

    plain = (await desk.ask("七天无理由退货谁出运费", explain=True))["explanation"]["features"][0]
    stranger = (await desk.ask("七天无理由退货谁出机票", explain=True))["explanation"]["features"][0]

    assert plain["uncovered_share"] == 0
    assert stranger["uncovered_share"] > 0.2
    assert plain["side"] > stranger["side"] > 0


async def test_hot_questions_are_those_shown_most_then_one_of_each_category(desk: Desk) -> None:
    freight, invoice = await desk.publish(**FREIGHT), await desk.publish(**INVOICE)
    second = await desk.publish(question="退货地址在哪看")
    fresh = (await desk.client.get("/api/v1/hot-questions?limit=2")).json()["questions"]

    await desk.client.post(
        "/api/v1/feedback", json={"entry_id": second["id"], "kind": "shown", "conversation_id": "c", "seq": 3}
    )
    hot = (await desk.client.get("/api/v1/hot-questions?limit=2")).json()["questions"]

    assert [one["entry_id"] for one in fresh] == [freight["id"], invoice["id"]]
    assert hot[0] == {"entry_id": second["id"], "question": "退货地址在哪看"}


async def test_typing_completes_to_standard_questions(desk: Desk) -> None:
    await desk.publish(**INVOICE)

    begun = (await desk.client.get("/api/v1/complete", params={"q": "可以開票"})).json()
    nothing = (await desk.client.get("/api/v1/complete", params={"q": ""})).json()

    assert [one["question"] for one in begun["suggestions"]] == [INVOICE["question"]]
    assert nothing == {"suggestions": []}
