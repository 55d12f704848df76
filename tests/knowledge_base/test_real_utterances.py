"""Real words are found by hash where the data lies, and their absence is one plain line."""

from __future__ import annotations

from pathlib import Path

from typer.testing import CliRunner

from knowledge_base import real_utterances
from knowledge_base.__main__ import app
from knowledge_base.settings import REPOSITORY

TRAINING = REPOSITORY / "training_data"
LABELS = TRAINING / "evaluation" / "real_utterances.tsv"


def test_the_labels_name_entries_of_the_seed_faq_and_hold_no_words() -> None:
    labels = real_utterances.read_labels(LABELS)
    known = {entry.id for entry in real_utterances.seed_faq(TRAINING / "faq")}

    assert len(labels) >= 250
    assert all(bool(ids) == (kind == "in") and ids <= known for kind, ids in labels.values())
    assert LABELS.read_text(encoding="utf-8").isascii()


def test_only_customers_lines_are_drawn_and_found_again_by_hash(tmp_path: Path) -> None:
    (tmp_path / "dialogue").mkdir()
    dialogue = "1\t什么 时候 发货\t今天 就 发 的 亲\t发 什么 快递 呢\t韵达 快递 的 哦\n1\t嗯 嗯\t好 的\n"
    (tmp_path / "dialogue" / "a.tsv").write_text(dialogue, encoding="utf-8")
    labels = tmp_path / "labels.tsv"
    labels.write_text(f"{real_utterances.hash_of('发什么快递呢')}\tin\tdelivery-courier,ship-from\n")

    found = real_utterances.asked(tmp_path, labels)

    assert set(real_utterances.sample(tmp_path)) == {"什么时候发货", "发什么快递呢"}
    assert [(one.kind, sorted(one.ids), one.text) for one in found] == [
        ("in", ["delivery-courier", "ship-from"], "发什么快递呢")
    ]


def test_without_the_data_the_evaluation_is_skipped_with_a_plain_line(tmp_path: Path) -> None:
    done = CliRunner().invoke(app, ["evaluate-real", "--data", str(tmp_path), "--json"])

    assert (done.exit_code, done.stdout) == (0, "")
    assert done.stderr.startswith("跳过")
