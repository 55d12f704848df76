"""Measures the trained bot: `python bot/evaluate.py --nlu | --handoff | --emotion | --dialogues FILE [--json]`.

`--nlu`: lines `text<TAB>intent`. `--handoff`: lines `text<TAB>yes|no`, whether a person is asked for.
`--emotion`: lines `text<TAB>negative|neutral`. `--dialogues`: scripts, each played with the running bot over a freshly
seeded demo shop. The formats: training_data/evaluation/README.md.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import sys
from collections import Counter
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path[:] = [str(ROOT), *(entry for entry in sys.path if Path(entry or ".").resolve() != ROOT / "bot")]

from bot.quiet import before_rasa, quiet_logs  # noqa: E402

before_rasa()

Pairs = list[tuple[str, str]]


def read_pairs(path: Path) -> Pairs:
    pairs: Pairs = []
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        if line.strip() and not line.startswith("#"):
            text, separator, label = line.partition("\t")
            if not separator:
                sys.exit(f"{path}:{number}: no tab between text and label")
            pairs.append((text.strip(), label.strip()))
    return pairs


async def understand(texts: list[str]) -> list[dict[str, Any]]:
    from rasa.core.agent import Agent

    from bot.settings import Settings
    from bot.training import model_path
    from bot.turn import harmless

    path = model_path(Settings.from_environment())
    if not path.exists():
        sys.exit(f"no trained bot at {path}: run `jieli bot train`")
    agent = Agent.load(str(path))
    return [await agent.parse_message(harmless(text)) for text in texts]


def nlu_report(labels: list[str], parsed: list[dict[str, Any]]) -> dict[str, Any]:
    """`answered` leaves out lines where Rasa was unsure, which asks the knowledge base instead of guessing."""
    from sklearn.metrics import f1_score

    from bot.reply import understanding_of

    guesses = [str(understanding_of(one)["intent"]) for one in parsed]
    unsure = [one["intent"]["name"] == "nlu_fallback" for one in parsed]
    right = [guess == label for guess, label in zip(guesses, labels, strict=True)]
    sure = [is_right for is_right, is_unsure in zip(right, unsure, strict=True) if not is_unsure]
    judged = list(zip(right, labels, strict=True))
    per_intent = {
        intent: {
            "lines": labels.count(intent),
            "recall": round(sum(ok and label == intent for ok, label in judged) / labels.count(intent), 3),
        }
        for intent in sorted(set(labels))
    }
    mixed = Counter((label, guess) for label, guess in zip(labels, guesses, strict=True) if label != guess)
    return {
        "lines": len(labels),
        "accuracy": round(sum(right) / len(right), 4),
        "macro_f1": round(float(f1_score(labels, guesses, average="macro", labels=sorted(set(labels)))), 4),
        "unsure": round(sum(unsure) / len(unsure), 4),
        "accuracy_when_sure": round(sum(sure) / max(1, len(sure)), 4),
        "per_intent": per_intent,
        "mixed_up": [{"is": label, "taken_for": guess, "lines": n} for (label, guess), n in mixed.most_common(20)],
    }


def handoff_report(pairs: Pairs, parsed: list[dict[str, Any]]) -> dict[str, Any]:
    asked = [one["intent"]["name"] == "ask_person" for one in parsed]
    wanted = [label == "yes" for _, label in pairs]
    hits = sum(a and w for a, w in zip(asked, wanted, strict=True))
    return {
        "lines": len(pairs),
        "precision": round(hits / max(1, sum(asked)), 4),
        "recall": round(hits / max(1, sum(wanted)), 4),
        "wrong": [text for (text, _), a, w in zip(pairs, asked, wanted, strict=True) if a != w],
    }


def emotion_report(pairs: Pairs, parsed: list[dict[str, Any]]) -> dict[str, Any]:
    from sklearn.metrics import roc_auc_score

    from bot.noticing.emotion import WORTH_REPORTING

    strengths = [float(one["upset"]) for one in parsed]
    negative = [label == "negative" for _, label in pairs]
    calm = [strength for strength, bad in zip(strengths, negative, strict=True) if not bad]
    upset = [strength for strength, bad in zip(strengths, negative, strict=True) if bad]
    return {
        "lines": len(pairs),
        "auroc": round(float(roc_auc_score(negative, strengths)), 4),
        "false_alarms": round(sum(strength >= WORTH_REPORTING for strength in calm) / len(calm), 4),
        "recall": round(sum(strength >= WORTH_REPORTING for strength in upset) / len(upset), 4),
    }


def dialogues_report(path: Path, only: str = "") -> dict[str, Any]:
    """Starts its own bot, knowledge base and shop, and ends them."""
    import yaml

    from bot.evaluation.judge import faults
    from bot.evaluation.play import Broken, play
    from bot.evaluation.processes import bench
    from bot.settings import Settings

    dialogues = [one for one in yaml.safe_load(path.read_text(encoding="utf-8")) if only in one["name"]]
    failed: list[dict[str, Any]] = []
    turns: list[int] = []
    with bench(Settings.from_environment()) as parts:
        for dialogue in dialogues:
            expect = dialogue["expect"]
            try:
                played = play(parts, dialogue)
                wrong = faults(expect, played)
            except Broken as error:
                wrong = [str(error)]
            if wrong:
                failed.append({"name": dialogue["name"], "wrong": wrong})
            elif expect.get("done"):
                turns.append(len(played.answers))
    total = len(dialogues)
    return {
        "dialogues": total,
        "success_rate": round((total - len(failed)) / max(1, total), 4),
        "turns_to_completion": round(sum(turns) / max(1, len(turns)), 2),
        "failed": failed,
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    what = parser.add_mutually_exclusive_group(required=True)
    what.add_argument("--nlu", type=Path)
    what.add_argument("--handoff", type=Path)
    what.add_argument("--emotion", type=Path)
    what.add_argument("--dialogues", type=Path)
    parser.add_argument("--only", default="", help="dialogues whose name holds these words")
    parser.add_argument("--json", action="store_true", help="one JSON object and nothing else")
    arguments = parser.parse_args()
    path = (arguments.nlu or arguments.handoff or arguments.emotion or arguments.dialogues).resolve()
    os.chdir(ROOT)
    quiet_logs()
    if arguments.dialogues:
        report = dialogues_report(path, arguments.only)
    else:
        pairs = read_pairs(path)
        parsed = asyncio.run(understand([text for text, _ in pairs]))
        if arguments.nlu:
            report = nlu_report([label for _, label in pairs], parsed)
        else:
            report = (handoff_report if arguments.handoff else emotion_report)(pairs, parsed)
    if arguments.json:
        print(json.dumps(report, ensure_ascii=False))
        return
    for name, value in report.items():
        if isinstance(value, (int, float)):
            print(f"{name:20} {value}")
    for item in report.get("mixed_up", []):
        print(f"  {item['is']} → {item['taken_for']}: {item['lines']}")
    for item in report.get("failed", []):
        print(f"  {item['name']}: {'; '.join(item['wrong'])}")
    for text in report.get("wrong", []):
        print(f"  {text}")


if __name__ == "__main__":
    main()
