"""The measuring itself measures right, and the command prints what the project is judged by."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from knowledge_base.__main__ import app
from knowledge_base.calibration import thresholds_of
from knowledge_base.confidence import SHIPPED, Confidence
from knowledge_base.errors import CannotStart
from knowledge_base.evaluate import auroc, coverage_at, read_index, read_queries
from tests.knowledge_base.conftest import MODEL

KEYS = (
    "n r1 r3 r5 mrr10 auroc_near auroc_mid auroc_far coverage_p90 coverage_p95 answered answered_precision suggested "
    "suggested_hit handed_over p50_ms p95_ms index_seconds rss_mb model"
)


def test_coverage_is_the_largest_share_that_is_right_often_enough() -> None:
    probability = np.array([0.9, 0.8, 0.7, 0.6, 0.5])
    right = np.array([True, False, True, True, False])
    weights = np.full(5, 0.2)

    assert coverage_at(0.75, probability, right, weights) == pytest.approx(0.8)
    assert coverage_at(0.95, probability, right, weights) == pytest.approx(0.2)
    assert coverage_at(0.95, probability, ~right, weights) == 0


def test_a_threshold_reaches_its_precision_on_what_it_was_fitted_on() -> None:
    probability = np.array([0.9, 0.8, 0.7, 0.6])
    right = np.array([True, True, False, True])

    at = thresholds_of(probability, right, np.ones(4))

    assert at[0.95] == 0.8
    assert at[0.80] == 0.8


def test_auroc_counts_ties_half() -> None:
    assert auroc(np.array([0.9, 0.5]), np.array([0.5, 0.1])) == pytest.approx(0.875)
    assert auroc(np.array([0.9]), np.array([])) is None


def test_the_shipped_confidence_grows_with_what_speaks_for_an_entry() -> None:
    confidence = Confidence.load()
    usual = dict(zip(confidence.names, confidence.mean, strict=True)) | {"exact": 0.0}

    likelier = usual | {"margin": usual["margin"] + 0.05, "centroid_margin": usual["centroid_margin"] + 0.03}

    assert confidence.probability(likelier) > confidence.probability(usual)
    assert confidence.threshold(0.90) <= confidence.threshold(0.95)
    assert json.loads(SHIPPED.read_text(encoding="utf-8"))["fitted_on"] != "placeholder"


def test_lines_of_another_form_are_named(tmp_path: Path) -> None:
    (tmp_path / "index.tsv").write_text("1\t退货\n2 运费\n", encoding="utf-8")
    (tmp_path / "queries.tsv").write_text("inside\t1\t退货\n", encoding="utf-8")

    with pytest.raises(CannotStart, match="第 2 行"):
        read_index(tmp_path / "index.tsv")
    with pytest.raises(CannotStart, match="第 1 行"):
        read_queries(tmp_path / "queries.tsv")


def test_the_command_prints_one_table(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JIELI_HOME", str(MODEL.parents[1]))
    index, queries = tmp_path / "index.tsv", tmp_path / "queries.tsv"
    index.write_text("1\t七天无理由退货运费谁出\n1\t退货邮费谁付\n2\t怎么开发票\n3\t优惠券怎么用\n", encoding="utf-8")
    asked = ("in\t1\t退回去的运费算谁的", "in\t2,3\t可以开票吗", "oos_near\t-1\t怎么改地址", "oos_far\t-1\t今天星期几")
    queries.write_text("\n".join(asked), encoding="utf-8")

    done = CliRunner().invoke(
        app, ["evaluate", "--index", str(index), "--queries", str(queries), "--json", "--holes", "3"]
    )
    table = json.loads(done.stdout)

    assert done.exit_code == 0
    assert set(KEYS.split()) <= set(table)
    assert (table["n"], table["r1"]) == (4, 1.0)
    assert "auroc_holes" in table


def test_an_empty_question_file_and_a_missing_one_are_no_traceback(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("JIELI_HOME", str(MODEL.parents[1]))
    empty = tmp_path / "empty.tsv"
    empty.write_text("")

    of_nothing = CliRunner().invoke(app, ["evaluate", "--index", str(empty), "--queries", str(empty), "--json"])
    missing = CliRunner().invoke(app, ["evaluate", "--index", str(tmp_path / "none"), "--queries", str(empty)])

    assert json.loads(of_nothing.stdout)["n"] == 0
    assert missing.exit_code == 2


def test_the_command_line_imports_checks_indexes_and_exports(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JIELI_HOME", str(tmp_path))
    (tmp_path / "models").symlink_to(MODEL.parent)
    table, out = tmp_path / "faq.csv", tmp_path / "out.csv"
    table.write_text(
        "id,category,question,answer\na,退货,运费谁出,买家。\nb,退货,运费谁出呢,买家。\n", encoding="utf-8"
    )
    run = CliRunner().invoke

    imported = run(app, ["import", "--publish", str(table)])
    checked = run(app, ["check"])
    indexed = run(app, ["index"])
    exported = run(app, ["export", str(out)])
    again = run(app, ["import", "--publish", "--json", str(out)])
    table.write_text("category,question,answer\n退货,,买家。\n", encoding="utf-8")
    wrong = run(app, ["import", str(table)])

    assert (imported.exit_code, checked.exit_code, indexed.exit_code, exported.exit_code) == (0, 0, 0, 0), (
        checked.output
    )
    assert json.loads(again.stdout)[0]["unchanged"] == 2
    assert wrong.exit_code == 1 and "第 2 行 question：不能为空" in wrong.output
