"""Takes in a table of entries (CSV, Excel): every row is checked first, then all are stored or none."""

from __future__ import annotations

import asyncio
import csv
import hashlib
import io
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from pydantic import ValidationError

from knowledge_base import audit, spreadsheet
from knowledge_base.audit import Actor
from knowledge_base.drafts import EntryDraft, messages_of
from knowledge_base.editing import new_id, searchable
from knowledge_base.errors import Invalid
from knowledge_base.faq import Content, Entry, State, changed_fields
from knowledge_base.store import Store, entry_of, lock, next_place, next_revision
from knowledge_base.tables import entries, imports, versions
from knowledge_base.text import normalised

COLUMNS = ("id", "category", "question", "similar", "answer", "keywords", "related", "html", "valid_from", "valid_to")
NEEDED = ("category", "question", "answer")
LISTS = frozenset({"similar", "keywords", "related"})
BETWEEN = "|"
MOST_ROWS = 50_000
MOST_ERRORS_TOLD = 200


@dataclass(frozen=True)
class Row:
    number: int
    id: str
    content: Content


@dataclass(frozen=True)
class Report:
    """What an import did or would do; `errors` name the row (the header is row 1) and the field."""

    rows: int
    created: int = 0
    updated: int = 0
    published: int = 0
    unchanged: int = 0
    errors: list[dict[str, Any]] = field(default_factory=list)
    revision: int | None = None
    import_id: str | None = None

    def as_json(self) -> dict[str, Any]:
        return {
            "import_id": self.import_id,
            "rows": self.rows,
            "created": self.created,
            "updated": self.updated,
            "published": self.published,
            "unchanged": self.unchanged,
            "errors": self.errors,
            "revision": self.revision,
        }


def decoded(data: bytes) -> str:
    """UTF-8 with or without a mark, or what Chinese Excel saves (GB 18030)."""
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise Invalid([{"row": 1, "field": "file", "message": "既不是 UTF-8 也不是 GB18030 编码的文本"}])


def id_of(question: str) -> str:
    """The id of a row that brings none: the same question is the same entry at every import."""
    return "q-" + hashlib.sha256(normalised(question).encode()).hexdigest()[:16]


Errors = list[dict[str, Any]]


def read_table(data: bytes) -> tuple[list[Row], Errors]:
    """The rows of a CSV or Excel file that are right, and what is wrong with the others."""
    if not spreadsheet.is_spreadsheet(data):
        return read_csv(data)
    try:
        lines = spreadsheet.lines_of(data, MOST_ROWS + 1)
    except spreadsheet.UnreadableSheet as error:
        return [], [{"row": 1, "field": "file", "message": str(error)}]
    return read_lines(lines)


def read_csv(data: bytes) -> tuple[list[Row], Errors]:
    try:
        reader = csv.reader(io.StringIO(decoded(data).replace("\0", ""), newline=""), strict=True)
        lines = [(number, cells) for number, cells in enumerate(reader, 1) if cells]
    except csv.Error as error:
        return [], [{"row": 1, "field": "file", "message": f"不是合格的 CSV：{error}"}]
    return read_lines(lines)


def read_lines(lines: Sequence[tuple[int, list[str]]]) -> tuple[list[Row], Errors]:
    """The header is the first line. What a spreadsheet shows as empty columns on the right is no column."""
    first, names = lines[0] if lines else (1, [])
    header = [name.strip() for name in names]
    while header and not header[-1]:
        header.pop()
    wrong = [name for name in header if name not in COLUMNS] + [name for name in NEEDED if name not in header]
    wrong += [name for name in COLUMNS if header.count(name) > 1]
    if wrong:
        told = f"表头应为 {'、'.join(COLUMNS)}（其中 {'、'.join(NEEDED)} 必需）；不符：{'、'.join(wrong)}"
        return [], [{"row": first, "field": "header", "message": told}]
    if len(lines) - 1 > MOST_ROWS:
        told = f"一次最多导入 {MOST_ROWS} 行，这里有 {len(lines) - 1} 行"
        return [], [{"row": first, "field": "file", "message": told}]
    rows: list[Row] = []
    errors: Errors = []
    first_seen: dict[str, int] = {}
    for number, cells in lines[1:]:
        if len(cells) < len(header) or any(cell.strip() for cell in cells[len(header) :]):
            errors.append({"row": number, "field": "row", "message": "列数与表头不一致"})
            continue
        line = dict(zip(header, cells, strict=False))
        plain: dict[str, Any] = {name: _list(value) if name in LISTS else value.strip() for name, value in line.items()}
        if not any(plain.values()):
            continue
        entry_id = plain.pop("id", "") or id_of(plain["question"])
        for optional in ("valid_from", "valid_to"):
            plain[optional] = plain.get(optional) or None
        try:
            content = EntryDraft.model_validate(plain).content()
        except ValidationError as error:
            errors += [{"row": number, **told} for told in messages_of(error)]
            continue
        if len(entry_id) > 64:
            errors.append({"row": number, "field": "id", "message": "最多 64 个字符"})
        for key, name in ((f"id:{entry_id}", "id"), (f"q:{normalised(content.question)}", "question")):
            if key in first_seen:
                errors.append({"row": number, "field": name, "message": f"与第 {first_seen[key]} 行重复"})
            first_seen.setdefault(key, number)
        rows.append(Row(number, entry_id, content))
    return rows, errors


def _list(cell: str) -> list[str]:
    """One a line, as it is typed in a spreadsheet, or with a bar between."""
    return [part.strip() for line in cell.splitlines() for part in line.split(BETWEEN) if part.strip()]


class Importing:
    def __init__(self, store: Store, clock: Callable[[], datetime]) -> None:
        self._store = store
        self._clock = clock

    async def run(
        self, data: bytes, name: str, actor: Actor, *, publish: bool = False, dry_run: bool = False
    ) -> Report:
        """Create or update the entries of a table (CSV, Excel) in one transaction. Any wrong row: `Invalid`, nothing
        stored."""
        rows, errors = await asyncio.to_thread(read_table, data)
        if errors:
            report = Report(rows=len(rows) + len({error["row"] for error in errors}), errors=errors[:MOST_ERRORS_TOLD])
            raise Invalid(report.errors, f"{len(errors)} 处有误，没有导入任何条目", report=report.as_json())
        async with self._store.write() as connection:
            await lock(connection)
            known: dict[str, Entry] = {}
            for start in range(0, len(rows), 500):
                wanted = [row.id for row in rows[start : start + 500]]
                found = await connection.execute(sa.select(entries).where(entries.c.id.in_(wanted)))
                known.update((row.id, entry_of(row)) for row in found)
            plan = plan_of(rows, known, publish=publish)
            if dry_run or not (plan.new or plan.changed):
                return plan.report(len(rows), None, None)
            revision = await next_revision(connection) if publish else None
            now = self._clock()
            first = await next_place(connection)
            places = {row.id: first + offset for offset, row in enumerate(plan.new)}
            for batch, statement in ((plan.new, sa.insert(entries)), (plan.changed, updating(publish=publish))):
                if batch:
                    values = [stored(row, known.get(row.id), publish, revision, actor, now) for row in batch]
                    for one in values:
                        if "id" in one:
                            one["place"] = places[one["id"]]
                    await connection.execute(statement, values)
            kept = [version_of(row, known.get(row.id), publish, actor, now) for row in (*plan.new, *plan.changed)]
            await connection.execute(sa.insert(versions), kept)
            import_id = new_id()
            report = plan.report(len(rows), revision, import_id)
            await connection.execute(
                sa.insert(imports).values(id=import_id, at=now, actor=actor.label, name=name, report=report.as_json())
            )
            counted = {key: value for key, value in report.as_json().items() if isinstance(value, int)}
            await audit.record(connection, actor, "import", import_id, counted, now)
            return report


EDITED = ("state", "version", "category", "content", "searchable", "updated_at", "updated_by")
PUBLISHED = ("published_version", "served", "changed_revision")


def updating(*, publish: bool) -> sa.Update:
    """Without publishing, what is served stays as it is."""
    names = EDITED + (PUBLISHED if publish else ())
    values = {name: sa.bindparam(f"new_{name}", type_=entries.c[name].type) for name in names}
    return sa.update(entries).where(entries.c.id == sa.bindparam("entry_id")).values(values)


@dataclass(frozen=True)
class Plan:
    new: list[Row]
    changed: list[Row]
    unchanged: int
    publish: bool

    def report(self, rows: int, revision: int | None, import_id: str | None) -> Report:
        done = len(self.new) + len(self.changed)
        return Report(
            rows=rows,
            created=len(self.new),
            updated=len(self.changed),
            published=done if self.publish else 0,
            unchanged=self.unchanged,
            revision=revision,
            import_id=import_id,
        )


def plan_of(rows: Sequence[Row], known: dict[str, Entry], *, publish: bool) -> Plan:
    new = [row for row in rows if row.id not in known]
    changed = [row for row in rows if row.id in known and _differs(row, known[row.id], publish)]
    return Plan(new, changed, len(rows) - len(new) - len(changed), publish)


def _differs(row: Row, entry: Entry, publish: bool) -> bool:
    is_served_so = entry.state is State.PUBLISHED
    return bool(changed_fields(entry.content, row.content)) or (publish and not is_served_so)


def stored(
    row: Row, before: Entry | None, publish: bool, revision: int | None, actor: Actor, now: datetime
) -> dict[str, Any]:
    version = before.version + 1 if before else 1
    values: dict[str, Any] = {
        "state": (State.PUBLISHED if publish else State.DRAFT).value,
        "version": version,
        "category": row.content.category,
        "content": row.content.as_json(),
        "searchable": searchable(row.content),
        "updated_at": now,
        "updated_by": actor.label,
    }
    if publish:
        values |= {"published_version": version, "served": row.content.as_json(), "changed_revision": revision}
    elif before is None:
        values |= {"published_version": None, "served": None, "changed_revision": 0}
    if before is None:
        return {"id": row.id, **values}
    return {"entry_id": row.id, **{f"new_{name}": value for name, value in values.items()}}


def version_of(row: Row, before: Entry | None, publish: bool, actor: Actor, now: datetime) -> dict[str, Any]:
    return {
        "entry_id": row.id,
        "version": before.version + 1 if before else 1,
        "at": now,
        "actor": actor.label,
        "action": "import",
        "state": (State.PUBLISHED if publish else State.DRAFT).value,
        "fields": changed_fields(before.content, row.content) if before else [],
        "content": row.content.as_json(),
    }


def cells_of(entry: Entry) -> list[str]:
    content = entry.content
    return [entry.id, content.category, content.question, BETWEEN.join(content.similar), content.answer,
            BETWEEN.join(content.keywords), BETWEEN.join(content.related), content.html,
            content.valid_from or "", content.valid_to or ""]  # fmt: skip


def as_csv(found: Sequence[Entry]) -> bytes:
    """All entries in the form that `read_table` takes; a cell never starts a formula when a spreadsheet opens it."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(COLUMNS)
    for entry in found:
        writer.writerow([f" {cell}" if cell[:1] in "=+-@\t\r" and cell else cell for cell in cells_of(entry)])
    return out.getvalue().encode("utf-8-sig")


def as_xlsx(found: Sequence[Entry]) -> bytes:
    """The same as an Excel file, a similar question a line."""
    return spreadsheet.written(COLUMNS, (_on_lines(cells_of(entry)) for entry in found))


def _on_lines(cells: list[str]) -> list[str]:
    return [cell.replace(BETWEEN, "\n") if name in LISTS else cell for name, cell in zip(COLUMNS, cells, strict=True)]
