"""The graph in a fixed order gives what dask gives; a rule is one action; only actions fill slots."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from rasa.core.agent import Agent
from rasa.core.channels.channel import UserMessage
from rasa.engine.runner.dask import DaskGraphRunner
from rasa.shared.utils.io import read_yaml_file

from bot.in_order import InOrder
from bot.settings import ROOT, Settings
from bot.training import model_path

RULES = ROOT / "training_data" / "dialogue" / "rules.yml"


def test_every_rule_is_one_action() -> None:
    rules = read_yaml_file(RULES)["rules"]

    assert len(rules) > 30
    for rule in rules:
        assert [next(iter(step)) for step in rule["steps"]] == ["intent", "action"], rule["rule"]


def test_only_actions_fill_slots() -> None:
    slots = read_yaml_file(ROOT / "bot" / "domain.yml")["slots"]

    assert len(slots) >= 10
    assert all(slot["mappings"] == [{"type": "custom"}] for slot in slots.values())


@pytest.mark.parametrize("text", ["七天无理由退货运费谁出", "转人工", "我的快递到哪了", "啊啊啊"])
async def test_a_line_is_understood_as_dask_would(agent: Agent, text: str) -> None:
    processor = agent.processor
    assert processor is not None

    async def understood(kind: type[DaskGraphRunner]) -> dict[str, Any]:
        processor.graph_runner.__class__ = kind
        return await processor.parse_message(UserMessage(text, sender_id="c1"))

    assert await understood(InOrder) == await understood(DaskGraphRunner)


@pytest.fixture(scope="module")
def agent() -> Agent:
    path: Path = model_path(Settings.from_environment())
    return Agent.load(str(path))
