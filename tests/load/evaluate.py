"""`make evaluate`: every labelled set through search and bot, one table into docs/benchmarks.md between its markers.

What was measured once is remembered by a hash of everything it depends on, so a second run takes seconds.
Sets outside the repository are measured where JIELI_EVALUATION_DATA (or ../shared/data) holds them.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from knowledge_base import comparison, progress
from knowledge_base.errors import CannotStart
from knowledge_base.evaluate_command import BESIDE, DATA, INTERRUPTED, TRAINING
from knowledge_base.page import write_table
from knowledge_base.settings import REPOSITORY, Settings

PAGE = REPOSITORY / "docs" / "benchmarks.md"
BOT_SETS = (
    ("--nlu", "nlu_test.tsv", ("lines", "accuracy", "macro_f1")),
    ("--handoff", "handoff_test.tsv", ("lines", "precision", "recall")),
    ("--emotion", "emotion_test.tsv", ("lines", "auroc", "false_alarms", "recall")),
    ("--dialogues", "dialogues.yml", ("dialogues", "success_rate", "turns_to_completion")),
)


class NotMeasured(Exception):
    """A set could not be measured; the reason is part of the page."""


def say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


def hash_of(*files: Path) -> str:
    digest = hashlib.sha256()
    for file in sorted(files):
        digest.update(file.read_bytes())
    return digest.hexdigest()


def bot_inputs(home: Path, chosen: Path) -> Iterator[Path]:
    """The set, the trained bot, its program, and what it asks."""
    yield chosen
    yield from (home / "bot-models").glob("*.tar.gz")
    for folder, kinds in (
        ("bot", {".py", ".yml"}),
        ("training_data/shop", {".py", ".json"}),
        ("knowledge_base", {".py", ".json"}),
    ):
        yield from (one for one in (REPOSITORY / folder).rglob("*") if one.suffix in kinds)
    yield from (REPOSITORY / "training_data" / "faq").glob("*.csv")


def bot_figures(home: Path, option: str, chosen: Path, folder: Path) -> dict[str, Any]:
    python = home / "bot-venv" / "bin" / "python"
    if not python.exists():
        raise NotMeasured("the bot's environment is not set up (make setup)")
    remembered = folder / f"bot-{hash_of(*bot_inputs(home, chosen))[:32]}.json"
    if remembered.exists():
        say(f"bot {option}: unchanged")
        return dict(json.loads(remembered.read_text(encoding="utf-8")))
    say(f"bot {option} {chosen.name}")
    done = subprocess.run(
        [str(python), "-W", "ignore", "bot/evaluate.py", option, str(chosen), "--json"],
        cwd=REPOSITORY, env={**os.environ, "JIELI_HOME": str(home)}, stdout=subprocess.PIPE, text=True, check=False,
    )  # fmt: skip
    if done.returncode:
        raise NotMeasured(f"exit code {done.returncode}")
    figures = dict(json.loads(done.stdout.strip().splitlines()[-1]))
    remembered.write_text(json.dumps(figures, ensure_ascii=False), encoding="utf-8")
    return figures


def bot_table(home: Path, folder: Path) -> str:
    lines = ["| bot's set | figures |", "|---|---|"]
    for option, name, told in BOT_SETS:
        try:
            figures = bot_figures(home, option, TRAINING / "evaluation" / name, folder)
            shown = ", ".join(f"{key.replace('_', ' ')} {figures[key]}" for key in told)
        except NotMeasured as reason:
            shown = f"not measured: {reason}"
        lines.append(f"| {name} | {shown} |")
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--into", type=Path, default=PAGE, help="the page with the markers")
    parser.add_argument("--no-bot", action="store_true", help="the search only")
    arguments = parser.parse_args()
    settings = Settings()
    folder = settings.data / "evaluation"
    beside = Path(os.environ.get(DATA) or BESIDE)
    data = beside if beside.is_dir() else None
    if data is None:
        say(f"{beside} is not there: measuring the sets of the repository only")
    try:
        compared = comparison.Comparison(settings, folder, say, progress.shown)
        results = {one.name: compared.run(one) for one in comparison.sets(TRAINING, data)}
        tables = [comparison.as_markdown(results)]
        if not arguments.no_bot:
            tables.append(bot_table(settings.home, folder))
    except CannotStart as error:
        sys.exit(str(error))
    except KeyboardInterrupt:
        say("interrupted; what was measured so far is remembered, the page is as it was")
        sys.exit(INTERRUPTED)
    table = "\n\n".join(tables)
    print(table)
    write_table(arguments.into, "evaluate", table)


if __name__ == "__main__":
    main()
