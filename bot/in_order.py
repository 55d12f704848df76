"""Runs a trained graph's nodes one after the other, without planning each line anew.

Rasa lets dask plan the same dozen nodes at every call: about a millisecond each for the line and for the next action.
Here the order is worked out once per target. `tests/bot/test_in_order.py` compares the two.
"""

from __future__ import annotations

from graphlib import TopologicalSorter
from typing import Any, Optional

from rasa.engine.runner.dask import DaskGraphRunner


class InOrder(DaskGraphRunner):
    """A loaded runner becomes one by changing its class; the nodes stay as they are."""

    def _order(self, targets: tuple[str, ...]) -> list[str]:
        known: dict[tuple[str, ...], list[str]] = self.__dict__.setdefault("_orders", {})
        if targets not in known:
            needed = self._graph_schema.minimal_graph_schema(list(targets)).nodes
            needs = {name: [n for n in node.needs.values() if n in needed] for name, node in needed.items()}
            known[targets] = list(TopologicalSorter(needs).static_order())
        return known[targets]

    def run(self, inputs: Optional[dict[str, Any]] = None, targets: Optional[list[str]] = None) -> dict[str, Any]:
        """The targets' outputs by name. `inputs` stand for nodes of that name, which the schema does not have."""
        wanted = tuple(targets or self._graph_schema.target_names)
        done: dict[str, Any] = {name: (name, value) for name, value in (inputs or {}).items()}
        for name in self._order(wanted):
            needs = self._graph_schema.nodes[name].needs.values()
            done[name] = self._instantiated_nodes[name](*(done.get(need, need) for need in needs))
        return {name: done[name][1] for name in wanted}
