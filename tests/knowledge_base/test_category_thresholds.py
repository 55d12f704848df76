"""A category gets a threshold of its own only where its data say so clearly, and only for what it was learnt for."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from knowledge_base.__main__ import app
from knowledge_base.category_thresholds import NEVER, Seen, bounds, load, save, thresholds
from knowledge_base.errors import CannotStart
from knowledge_base.search import Decision, Policy, decide
from tests.knowledge_base.conftest import MODEL


def answers(category: str, right: int, wrong: int, probability: float) -> list[Seen]:
    return [Seen(category, probability, n < right, 1.0) for n in range(right + wrong)]


def test_a_category_whose_data_are_clear_answers_from_lower_on() -> None:
    seen = answers("发票", 60, 0, 0.6) + answers("发票", 0, 60, 0.3)

    assert thresholds(seen, target=0.90, overall=0.8) == {"发票": 0.6}


def test_a_category_that_is_often_wrong_answers_from_higher_on_or_never() -> None:
    seen = answers("退货", 60, 0, 0.95) + answers("退货", 20, 40, 0.85) + answers("维修", 30, 30, 0.9)

    assert thresholds(seen, target=0.90, overall=0.8) == {"维修": NEVER, "退货": 0.95}


def test_few_questions_change_nothing() -> None:
    assert thresholds(answers("发票", 30, 0, 0.5) + answers("退货", 0, 30, 0.9), target=0.90, overall=0.8) == {}
    assert thresholds([], target=0.90, overall=0.8) == {}


def test_heavy_questions_count_as_few() -> None:
    few_heavy = [Seen("发票", 0.6, True, 100.0)] * 10 + [Seen("发票", 0.6, True, 0.001)] * 90

    assert thresholds(few_heavy, target=0.90, overall=0.8) == {}


def test_the_interval_holds_the_share_and_narrows_with_more_questions() -> None:
    low, high = bounds(0.9, 50)
    narrower = bounds(0.9, 500)

    assert low < narrower[0] < 0.9 < narrower[1] < high


def test_the_best_entrys_category_decides_from_where_on_it_is_answered() -> None:
    policy = Policy(0.8, 0.2, {"发票": 0.6, "维修": NEVER})

    decided = [decide("这件的发票怎么开", 0.7, 0.7, policy.of(category)) for category in ("发票", "退货")]

    assert decided == [Decision.ANSWER, Decision.DID_YOU_MEAN]
    assert decide("手表坏了怎么维修", 0.99, 0.99, policy.of("维修")) is Decision.DID_YOU_MEAN


def test_thresholds_for_another_target_or_model_are_ignored_and_damage_is_named(tmp_path: Path) -> None:
    path = tmp_path / "data" / "thresholds.json"

    assert load(path, 0.9, 0.8, "model") == {}
    save({"发票": 0.6}, 0.9, 0.8, "model", path)
    assert load(path, 0.9, 0.8, "model") == {"发票": 0.6}
    assert load(path, 0.95, 0.8, "model") == load(path, 0.9, 0.8, "other") == {}
    path.write_text("{")
    with pytest.raises(CannotStart, match="jieli kb thresholds"):
        load(path, 0.9, 0.8, "model")


def test_the_command_learns_from_published_entries_and_writes_what_a_start_reads(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("JIELI_HOME", str(tmp_path))
    (tmp_path / "models").symlink_to(MODEL.parent)
    table, queries = tmp_path / "faq.csv", tmp_path / "queries.tsv"
    table.write_text(
        "id,category,question,answer\na,退货,运费谁出,买家。\nb,发票,怎么开发票,订单里。\n", encoding="utf-8"
    )
    queries.write_text("in\tb\t怎么开发票\n" * 60 + "oos_far\t-1\t今天星期几\n" * 60, encoding="utf-8")
    run = CliRunner().invoke
    run(app, ["import", "--publish", str(table)])

    dry = run(app, ["thresholds", "--queries", str(queries), "--dry-run", "--json"])
    written = run(app, ["thresholds", "--queries", str(queries)])

    kept = json.loads((tmp_path / "data" / "category_thresholds.json").read_text(encoding="utf-8"))
    assert (dry.exit_code, written.exit_code) == (0, 0), written.output
    assert json.loads(dry.stdout)["answer_at"] == kept["answer_at"]
    assert sum(json.loads(dry.stdout)["questions"].values()) == 120
    assert "总阈值" in written.stdout
