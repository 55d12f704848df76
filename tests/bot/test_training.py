"""Trained bots are kept for a step back, and not for ever."""

from __future__ import annotations

import os
from pathlib import Path

from bot.training import keep_newest


def test_only_the_bots_trained_last_stay(tmp_path: Path) -> None:
    for age, name in enumerate(("d", "a", "c", "b")):
        model = tmp_path / f"{name}.tar.gz"
        model.touch()
        os.utime(model, (1_000_000 - age, 1_000_000 - age))
    (tmp_path / ".training-other").mkdir()

    keep_newest(tmp_path, count=2)

    assert {path.name for path in tmp_path.iterdir()} == {"d.tar.gz", "a.tar.gz", ".training-other"}
