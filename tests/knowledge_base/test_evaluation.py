"""The measuring itself measures right, and the command prints what the project is judged by."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from knowledge_base import evaluate
from knowledge_base.__main__ import app
from knowledge_base.calibration import Asked
from knowledge_base.confidence import SHIPPED, SURE, Confidence
from knowledge_base.evaluate import Judged, Outcome, auroc, coverage_at, curve, table
from knowledge_base.fitting import thresholds_of
from knowledge_base.labelled import BadLine, read_index, read_queries, unknown_ids
from knowledge_base.plot import calibration_error, reliability
from knowledge_base.search import Decision, Found, Policy
from tests.knowledge_base.conftest import MODEL

KEYS = (
    "n r1 r3 r5 mrr10 auroc_near auroc_mid auroc_far coverage_p90 coverage_p95 answered answered_precision suggested "
    "suggested_hit handed_over p50_ms p95_ms index_seconds rss_mb model"
)


def judged(probability: list[float], right: list[bool]) -> Judged:
    return Judged(np.array(probability), np.array(right), np.full(len(right), 1 / max(1, len(right))))


def test_coverage_is_the_largest_share_that_is_right_often_enough() -> None:
    probability = [0.9, 0.8, 0.7, 0.6, 0.5]
    right = [True, False, True, True, False]

    assert coverage_at(0.75, judged(probability, right)) == pytest.approx(0.8)
    assert coverage_at(0.95, judged(probability, right)) == pytest.approx(0.2)
    assert coverage_at(0.95, judged(probability, [False] * 5)) == 0
    assert coverage_at(0.95, judged([], [])) == 0


def test_what_is_equally_sure_is_answered_together_whatever_the_order_of_the_file() -> None:
    right_first, wrong_first = judged([0.9, 0.9], [True, False]), judged([0.9, 0.9], [False, True])

    assert coverage_at(0.95, right_first) == coverage_at(0.95, wrong_first) == 0
    assert [column.tolist() for column in curve(right_first)] == [[1.0], [0.5]]


def test_reliability_sets_what_was_promised_beside_what_came_true() -> None:
    bins = reliability(judged([0.95, 0.95, 0.15, 1.0], [True, True, False, False]))

    assert [(round(one.promised, 3), round(one.kept, 3), one.share) for one in bins] == [
        (0.15, 0, 0.25),
        (0.967, 0.667, 0.75),
    ]
    assert calibration_error(bins) == pytest.approx(0.25 * 0.15 + 0.75 * 0.3)


def test_a_threshold_reaches_its_precision_on_what_it_was_fitted_on() -> None:
    probability = np.array([0.9, 0.8, 0.7, 0.6])
    right = np.array([True, True, False, True])

    at = thresholds_of(probability, right, np.ones(4))

    assert at[0.95] == 0.8
    assert at[0.80] == 0.8


def test_auroc_counts_ties_half() -> None:
    assert auroc(np.array([0.9, 0.5]), np.array([0.5, 0.1])) == pytest.approx(0.875)
    assert auroc(np.array([0.9]), np.array([])) is None


def test_what_is_out_of_scope_is_told_by_whether_anything_answers_and_coverage_by_whether_the_first_does() -> None:
    """Two entries that may both be right: neither is sure, but an answer there is."""
    found = Found(1, Decision.DID_YOU_MEAN, 0.4, 0.9, Policy(0.9, 0.3), [], None, "")
    nothing = replace(found, probability=0.5, in_scope=0.1)
    inside, outside = Asked("in", frozenset({"1"}), ""), Asked("near", frozenset(), "")
    outcomes = [Outcome(inside, found, 1.0), Outcome(outside, nothing, 1.0)]

    figures = table(outcomes, 0.0, "")

    assert figures["auroc_near"] == 1
    assert figures["coverage_p90"] == 0


SPEAKS_FOR_IT = (
    "score", "margin", "dense", "dense_mean", "dense_margin", "centroid", "centroid_margin", "side", "least_side",
    "words_met", "words_met_best", "words_met_mean", "words_margin", "outside_lead",
)  # fmt: skip


def test_the_shipped_confidence_grows_with_what_speaks_for_an_entry() -> None:
    confidence = Confidence.load()
    best = confidence.judges[0]
    usual = dict(zip(best.each.names, best.each.mean, strict=True)) | {"exact": 0.0}

    # What lies nearer is ahead by that much as well.
    nearer = usual | {name: usual[name] + 0.05 for name in SPEAKS_FOR_IT}
    farther = usual | {name: usual[name] - 0.05 for name in SPEAKS_FOR_IT}
    verdict, of_usual, of_farther = (confidence.verdict([usual, other]) for other in (nearer, usual, farther))

    assert verdict.order == (1, 0)
    assert of_farther.order == (0, 1)
    assert verdict.probabilities[0] > of_usual.probabilities[0] > 0
    assert verdict.in_scope > of_usual.in_scope > of_farther.in_scope
    assert confidence.threshold(0.90) <= confidence.threshold(0.95)
    assert json.loads(SHIPPED.read_text(encoding="utf-8"))["fitted_on"] != "placeholder"


def test_what_stands_there_word_for_word_comes_before_what_looks_even_likelier() -> None:
    confidence = Confidence.load()
    names = confidence.judges[0].each.names
    usual = dict(zip(names, confidence.judges[0].each.mean, strict=True))
    likelier = usual | {name: usual[name] + 1 for name in SPEAKS_FOR_IT} | {"exact": 0.0}
    alone = confidence.judges[0].each.probability(likelier)

    verdict = confidence.verdict([likelier, usual | {"exact": 1.0}])

    assert alone > SURE
    assert verdict.order == (1, 0)
    assert verdict.probabilities == (SURE, SURE)


@pytest.mark.parametrize(
    ("index", "queries", "number"),
    [
        (b"1\tx\n2 y\n", b"", 2),
        (b"1\tx\n\t y\n", b"", 2),
        (b"1\tx\n\n3\t \n", b"", 3),
        (b"1\tx\n2\t\xff\xfe\n", b"", 2),
        (b"-1\tx\n", b"", 1),
        (b"1\tx\n", b"inside\t1\tx\n", 1),
        (b"1\tx\n", b"in\t1\tx\nin\t-1\tx\n", 2),
        (b"1\tx\n", b"in\t1\tx\nin\t1\n", 2),
        (b"1\tx\n", b"oos_far\t-1\t \n", 1),
    ],
)
def test_a_line_of_another_form_is_named_with_a_code(tmp_path: Path, index: bytes, queries: bytes, number: int) -> None:
    (tmp_path / "index.tsv").write_bytes(index)
    (tmp_path / "queries.tsv").write_bytes(queries)

    with pytest.raises(BadLine, match=f"bad_line.* 第 {number} 行") as caught:
        read_index(tmp_path / "index.tsv")
        read_queries(tmp_path / "queries.tsv")

    assert caught.value.number == number


def test_what_windows_saves_and_odd_marks_inside_a_line_are_read(tmp_path: Path) -> None:
    (tmp_path / "index.tsv").write_bytes("\ufeff1\t退货\r\n1\t退\u2028货\u0085\r\n".encode())
    (tmp_path / "queries.tsv").write_bytes("in\t1, 9\t退货\toder\r\noos_far\t1\t天气\r\n".encode())

    entries, asked = read_index(tmp_path / "index.tsv"), read_queries(tmp_path / "queries.tsv")

    assert [(entry.id, len(entry.content.phrasings)) for entry in entries] == [("1", 2)]
    assert [(one.kind, sorted(one.ids)) for one in asked] == [("in", ["1", "9"]), ("far", [])]
    assert unknown_ids(entries, asked) == ["9"]


def test_the_command_prints_one_table(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JIELI_HOME", str(MODEL.parents[1]))
    index, queries = tmp_path / "index.tsv", tmp_path / "queries.tsv"
    index.write_text("1\t七天无理由退货运费谁出\n1\t退货邮费谁付\n2\t怎么开发票\n3\t优惠券怎么用\n", encoding="utf-8")
    asked = ("in\t1\t退回去的运费算谁的", "in\t2,3\t可以开票吗", "oos_near\t-1\t怎么改地址", "oos_far\t-1\t今天星期几")
    queries.write_text("\n".join(asked), encoding="utf-8")

    done = CliRunner().invoke(
        app,
        [*("evaluate", "--index", str(index), "--queries", str(queries), "--json", "--holes", "3"),
         *("--plot", str(tmp_path / "curves.png"))],
    )  # fmt: skip
    table = json.loads(done.stdout)

    assert done.exit_code == 0
    assert (tmp_path / "curves.png").read_bytes().startswith(b"\x89PNG")
    assert set(KEYS.split()) <= set(table)
    assert (table["n"], table["r1"]) == (4, 1.0)
    assert "auroc_holes" in table


def test_trouble_ends_in_one_coded_sentence_before_anything_is_measured(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("JIELI_HOME", str(tmp_path))
    index, queries = tmp_path / "index.tsv", tmp_path / "queries.tsv"
    index.write_text("1\t退货\n2 运费\n", encoding="utf-8")
    queries.write_text("in\t1\t退货\n", encoding="utf-8")
    files = ("evaluate", "--index", str(index), "--queries", str(queries))

    bad_line = CliRunner().invoke(app, [*files, "--json"])
    bad_plot = CliRunner().invoke(app, [*files, "--plot", str(tmp_path / "nowhere" / "x.png")])
    no_png = CliRunner().invoke(app, [*files, "--plot", str(tmp_path / "x.pdf")])
    index.write_text("1\t退货\n", encoding="utf-8")
    no_model = CliRunner().invoke(app, [*files, "--json"])

    told = json.loads(bad_line.stderr)
    assert (bad_line.exit_code, told["code"], told["line"]) == (1, "bad_line", 2)
    assert bad_plot.exit_code == no_png.exit_code == 1
    assert "--plot" in bad_plot.stderr and "PNG" in no_png.stderr
    assert (no_model.exit_code, json.loads(no_model.stderr)["code"]) == (1, "cannot_start")
    assert bad_line.stdout == no_model.stdout == ""


def test_an_interrupted_run_says_so_and_leaves_with_130(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JIELI_HOME", str(MODEL.parents[1]))
    file = tmp_path / "empty.tsv"
    file.write_text("")

    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(evaluate, "ask_all", interrupted)
    done = CliRunner().invoke(
        app, ["evaluate", "--index", str(file), "--queries", str(file), "--plot", str(tmp_path / "x.png")]
    )

    assert (done.exit_code, done.stdout) == (130, "")
    assert "已中断" in done.stderr
    assert not (tmp_path / "x.png").exists()


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
