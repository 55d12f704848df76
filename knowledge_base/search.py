"""Answers a question from one snapshot: normalise, embed, rank, judge, and decide what the bot may do with it."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum

from threadpoolctl import threadpool_limits

from knowledge_base import spelling
from knowledge_base import text as texts
from knowledge_base.confidence import Confidence, Measures
from knowledge_base.embedder import Vectors
from knowledge_base.embedding_cache import CachedEmbedder
from knowledge_base.lexical import bag_of
from knowledge_base.outsiders import Outsiders
from knowledge_base.ranking import Candidate, rank_as_meant
from knowledge_base.snapshot import Snapshot

MOST_SUGGESTIONS = 3
SHORT_QUESTION = 8
"""Up to so many characters a question may lean on the line before it (「那运费呢」)."""
JUDGED = 10
"""Candidates that get a probability; the order by probability is a little better than the order by score."""
UNLIKELY = 0.02
"""Below it an entry is not worth showing beside the others."""


class Decision(StrEnum):
    ANSWER = "answer"
    DID_YOU_MEAN = "did_you_mean"
    ASK_BACK = "ask_back"
    HAND_OVER = "hand_over"


@dataclass(frozen=True)
class Result:
    candidate: Candidate
    probability: float
    measured: dict[str, float]


@dataclass(frozen=True)
class Policy:
    """Where answering ends and offering begins; some categories may have a place of their own for the first."""

    answer_at: float
    suggest_at: float
    by_category: Mapping[str, float] = field(default_factory=dict)

    def of(self, category: str) -> Policy:
        """What holds where the best entry is of this category."""
        return replace(self, answer_at=self.by_category.get(category, self.answer_at))


@dataclass(frozen=True)
class Found:
    """What was found and what may be done with it; `missing` is the sentence to ask back with."""

    revision: int
    decision: Decision
    probability: float
    """That the first result answers it."""
    in_scope: float
    """That anything here does."""
    policy: Policy
    """What both were held against."""
    results: list[Result]
    missing: str | None
    question: str
    leaned_on_context: bool = False
    milliseconds: dict[str, float] = field(default_factory=dict)

    @property
    def offered(self) -> list[Result]:
        """What may be shown: of a choice no more than three, none that is impossible beside one that is not."""
        likely = [result for result in self.results if result.probability >= UNLIKELY]
        return likely[:MOST_SUGGESTIONS] if self.decision is Decision.DID_YOU_MEAN else likely or self.results


def decide(question: str, best: float, in_scope: float, policy: Policy, is_exact: bool = False) -> Decision:
    """The rule: sure → answer; likely that something here answers → offer a choice; nothing said → ask back; else a
    person.

    「运费呢」 asks about whatever was talked of before, so unless an entry has it word for word it is offered a choice.
    """
    if best >= policy.answer_at and (is_exact or not texts.is_elliptical(question)):
        return Decision.ANSWER
    if not texts.topic_words(question):
        return Decision.ASK_BACK
    if in_scope >= policy.suggest_at:
        return Decision.DID_YOU_MEAN
    return Decision.HAND_OVER


def ask_back_sentence(categories: Sequence[str]) -> str:
    """What to ask when the question names no topic."""
    named = "、".join(f"「{category}」" for category in categories[:3])
    about = f"，比如{named}" if named else ""
    return f"您想咨询哪方面的问题{about}？说得具体一点，我马上帮您查。"


class Search:
    """Holds what stays the same between questions; `find` is plain computing and runs in a worker thread."""

    def __init__(
        self, embedder: CachedEmbedder, confidence: Confidence, policy: Policy, outsiders: Outsiders | None
    ) -> None:
        spelling.letters()  # takes a second, which no customer shall wait for
        threadpool_limits(1, user_api="blas")  # searches run beside each other, each keeps to one core
        self._embedder = embedder
        self._confidence = confidence
        self._policy = policy
        self._outsiders = outsiders

    def find(self, snapshot: Snapshot, text: str, now: datetime, limit: int = 5, context: Sequence[str] = ()) -> Found:
        found = self._find(snapshot, text, now, limit)
        if found.decision is Decision.ANSWER or not context or len(found.question) > SHORT_QUESTION:
            return found
        with_context = self._find(snapshot, f"{context[-1]} {text}", now, limit)
        if with_context.in_scope <= max(found.in_scope, self._policy.suggest_at):
            return found
        # Two lines read as one were never calibrated, so they may suggest and never answer.
        return Found(
            revision=found.revision,
            decision=Decision.DID_YOU_MEAN,
            probability=with_context.probability,
            in_scope=with_context.in_scope,
            policy=with_context.policy,
            results=with_context.results,
            missing=None,
            question=with_context.question,
            leaned_on_context=True,
            milliseconds=with_context.milliseconds,
        )

    def _find(self, snapshot: Snapshot, text: str, now: datetime, limit: int) -> Found:
        started = time.perf_counter()
        question = texts.normalised(text)

        def vector_of(asked: str) -> Vectors:
            known = snapshot.vector_of(asked)
            return self._embedder.embed_question(asked) if known is None else known

        vector_of(question)
        embedded = time.perf_counter()
        question, found = rank_as_meant(snapshot, question, vector_of)
        ranked = [one for one in found if one.entry.content.is_valid_at(now)]
        judged = ranked[: max(limit, JUDGED)]
        known_share = snapshot.lexical.known_share(bag_of(question))
        words_of = snapshot.words_beside(self._embedder.question_words)
        outside = self._outsiders.measured(vector_of(question), judged) if self._outsiders else [{} for _ in judged]
        measures = Measures(ranked, question, known_share, words_of, outside)
        measured = [measures.of(place) for place in range(len(judged))]
        verdict = self._confidence.verdict(measured)
        results = [
            Result(judged[place], probability, measured[place])
            for place, probability in zip(verdict.order, verdict.probabilities, strict=True)
        ][:limit]
        best = results[0].probability if results else 0.0
        is_exact = bool(results) and results[0].candidate.is_exact
        policy = self._policy.of(results[0].candidate.entry.content.category) if results else self._policy
        decision = decide(question, best, verdict.in_scope, policy, is_exact)
        missing = None
        if decision is Decision.ASK_BACK:
            missing = ask_back_sentence(list(dict.fromkeys(r.candidate.entry.content.category for r in results)))
        done = time.perf_counter()
        return Found(
            revision=snapshot.revision,
            decision=decision,
            probability=best,
            in_scope=verdict.in_scope,
            policy=policy,
            results=results,
            missing=missing,
            question=question,
            milliseconds={"embed": 1000 * (embedded - started), "rank": 1000 * (done - embedded)},
        )
