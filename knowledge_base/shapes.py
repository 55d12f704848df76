"""The JSON that goes in and out, as docs/api.md has it."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Any

from pydantic import Field

from knowledge_base import answer_html
from knowledge_base.drafts import Clean, Id, Said, Short, Strict
from knowledge_base.editing import Version
from knowledge_base.faq import Content, Entry, Served
from knowledge_base.feedback import Kind
from knowledge_base.nodes import Node
from knowledge_base.search import Found, Result
from knowledge_base.snapshot import Snapshot
from knowledge_base.unanswered import Group, GroupState


class Asked(Strict):
    text: Said
    limit: Annotated[int, Field(ge=1, le=20)] = 5
    channel: Short | None = None
    explain: bool = False
    context: Annotated[list[Clean], Field(max_length=20, default_factory=list)]


class Tried(Strict):
    text: Said
    limit: Annotated[int, Field(ge=1, le=20)] = 5


class GivenFeedback(Strict):
    entry_id: Id
    kind: Kind
    conversation_id: Id
    seq: Annotated[int, Field(ge=0, le=2**31 - 1)]


class NotAnswered(Strict):
    text: Said
    conversation_id: Id
    seq: Annotated[int, Field(ge=0, le=2**31 - 1)]
    reason: Annotated[str, Field(max_length=32)]


class RollBack(Strict):
    version: Annotated[int, Field(ge=1)]


class Resolved(Strict):
    state: GroupState
    entry_id: Id | None = None


def moment(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def answer_for(content: Content, channel: str | None) -> tuple[str, str]:
    """The text and the markup that this channel shows; sanitised again: what is stored may be older than the rule."""
    variant = content.variants.get(channel) if channel else None
    answer, markup = (variant.answer, variant.html) if variant else (content.answer, content.html)
    return answer, answer_html.of_answer(answer, markup)


def related_of(content: Content, snapshot: Snapshot | None, now: datetime) -> list[dict[str, str]]:
    """Only what customers may see now: a link never leads to a withdrawn entry."""
    related = [snapshot.entry(other) for other in content.related] if snapshot else []
    return [
        {"entry_id": other.id, "question": other.content.question}
        for other in related
        if other is not None and other.content.is_valid_at(now)
    ]


def result_json(result: Result, channel: str | None, snapshot: Snapshot | None, now: datetime) -> dict[str, Any]:
    one = result.candidate
    answer, html = answer_for(one.entry.content, channel)
    return {
        "entry_id": one.entry.id,
        "question": one.entry.content.question,
        "answer": answer,
        "html": html,
        "category": one.entry.content.category,
        "probability": round(result.probability, 4),
        "score": round(one.score, 4),
        "matched": one.matched,
        "vector_score": round(one.dense, 4),
        "lexical_score": round(one.lexical, 4),
        "related": related_of(one.entry.content, snapshot, now),
    }


def found_json(
    found: Found,
    channel: str | None,
    snapshot: Snapshot | None,
    now: datetime,
    *,
    explain: bool,
    all_results: bool = False,
) -> dict[str, Any]:
    shown = found.results if all_results else found.offered
    plain: dict[str, Any] = {
        "revision": found.revision,
        "decision": found.decision.value,
        "probability": round(found.probability, 4),
        "in_scope": round(found.in_scope, 4),
        "results": [result_json(result, channel, snapshot, now) for result in shown],
        "missing": found.missing,
    }
    if explain:
        plain["explanation"] = {
            "question": found.question,
            "leaned_on_context": found.leaned_on_context,
            "answer_at": round(found.policy.answer_at, 4),
            "suggest_at": round(found.policy.suggest_at, 4),
            "milliseconds": {name: round(value, 2) for name, value in found.milliseconds.items()},
            "features": [
                {"entry_id": r.candidate.entry.id, **{name: round(value, 4) for name, value in r.measured.items()}}
                for r in shown
            ],
        }
    return plain


def served_json(entry: Served, channel: str | None, snapshot: Snapshot | None, now: datetime) -> dict[str, Any]:
    answer, html = answer_for(entry.content, channel)
    return {
        "entry_id": entry.id,
        "question": entry.content.question,
        "answer": answer,
        "html": html,
        "category": entry.content.category,
        "related": related_of(entry.content, snapshot, now),
        "version": entry.version,
    }


def entry_json(entry: Entry) -> dict[str, Any]:
    content = entry.content.as_json()
    content["html"] = answer_html.sanitised(entry.content.html) if entry.content.html else ""
    return {
        **content,
        "id": entry.id,
        "state": entry.state.value,
        "version": entry.version,
        "published_version": entry.published_version,
        "updated_at": moment(entry.updated_at),
        "updated_by": entry.updated_by,
    }


def version_json(version: Version) -> dict[str, Any]:
    return {
        "version": version.version,
        "at": moment(version.at),
        "actor": version.actor,
        "action": version.action,
        "state": version.state,
        "fields": version.fields,
        "content": version.content.as_json(),
    }


def node_json(node: Node) -> dict[str, Any]:
    return {"node": node.node, "revision": node.revision, "seen_at": moment(node.seen_at)}


def group_json(group: Group) -> dict[str, Any]:
    return {
        "id": group.id,
        "question": group.question,
        "state": group.state,
        "asked": group.asked,
        "first_at": moment(group.first_at),
        "last_at": moment(group.last_at),
        "entry_id": group.entry_id,
        "examples": group.examples,
    }
