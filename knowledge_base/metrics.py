"""Numbers for whoever watches the process: searches by decision, their time, and what is served."""

from __future__ import annotations

from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Counter, Gauge, Histogram, generate_latest

from knowledge_base.search import Found
from knowledge_base.snapshot import Snapshot

SECONDS = (0.002, 0.005, 0.01, 0.02, 0.03, 0.05, 0.1, 0.25, 1)


class Metrics:
    """One registry per app, so that two in one process (tests) do not collide."""

    def __init__(self) -> None:
        self._registry = CollectorRegistry()
        self._searches = Counter("jieli_kb_searches", "Searches by decision", ["decision"], registry=self._registry)
        self._seconds = Histogram(
            "jieli_kb_search_seconds", "Time of a search in its thread", buckets=SECONDS, registry=self._registry
        )
        self._revision = Gauge("jieli_kb_revision", "The revision that is served", registry=self._registry)
        self._entries = Gauge("jieli_kb_entries", "Entries served", registry=self._registry)
        self._phrasings = Gauge("jieli_kb_phrasings", "Phrasings served", registry=self._registry)

    def searched(self, found: Found) -> None:
        self._searches.labels(found.decision.value).inc()
        self._seconds.observe(sum(found.milliseconds.values()) / 1000)

    def rendered(self, snapshot: Snapshot | None) -> tuple[bytes, str]:
        if snapshot is not None:
            self._revision.set(snapshot.revision)
            self._entries.set(len(snapshot.entries))
            self._phrasings.set(len(snapshot.phrasings))
        return generate_latest(self._registry), CONTENT_TYPE_LATEST
