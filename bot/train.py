"""Trains the bot if its inputs changed: `python bot/train.py [--force]`. Prints the model's path last."""

from __future__ import annotations

import argparse
import os
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path[:] = [str(ROOT), *(entry for entry in sys.path if Path(entry or ".").resolve() != ROOT / "bot")]

from bot.quiet import before_rasa, quiet_logs  # noqa: E402

before_rasa()

from bot.components.embedder import NoModel  # noqa: E402
from bot.settings import BadSettings, Settings  # noqa: E402
from bot.training import NotTrained, train  # noqa: E402


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--force", action="store_true", help="train even if a model for these inputs exists")
    arguments = parser.parse_args()
    started = time.monotonic()

    def say(line: str) -> None:
        print(f"[{time.monotonic() - started:5.1f} s] {line}", flush=True)

    os.chdir(ROOT)
    quiet_logs()
    try:
        path = train(Settings.from_environment(), say, arguments.force)
    except (BadSettings, NoModel, NotTrained) as error:
        sys.exit(str(error))
    print(path)


if __name__ == "__main__":
    main()
