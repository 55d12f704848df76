"""A table of entries comes in whole or not at all, and again without harm."""

from __future__ import annotations

import io
import zipfile
from typing import Any

import pytest
import xlsxwriter

from knowledge_base.errors import CannotStart
from knowledge_base.faq import Content, Entry, State
from knowledge_base.importing import as_csv, as_xlsx, read_table
from knowledge_base.knowledge import utc_now
from knowledge_base.settings import REPOSITORY
from tests.knowledge_base.conftest import FREIGHT, Desk

HEADER = "id,category,question,similar,answer,keywords,related\n"
GOOD = (
    HEADER
    + "freight,退货,退货运费谁出,退货邮费谁付|运费算谁的,买家出。,运费,\n"
    + "invoice,发票,怎么开发票,,订单里申请。,,freight\n"
)


def excel(*rows: list[Any], blank_above: int = 0) -> bytes:
    """As a knowledge manager's Excel saves it."""
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out)
    sheet = book.add_worksheet()
    for number, row in enumerate(rows):
        sheet.write_row(blank_above + number, 0, row)
    book.close()
    return out.getvalue()


COLUMNS = ["id", "category", "question", "similar", "answer"]


async def bring_in(desk: Desk, table: str | bytes, query: str = "publish=true") -> Any:
    data = table.encode() if isinstance(table, str) else table
    headers = desk.headers | {"Content-Type": "text/csv"}
    return await desk.client.post(f"/api/v1/admin/imports?{query}", content=data, headers=headers)


async def test_a_table_is_taken_in_and_answers_at_once(desk: Desk) -> None:
    report = (await bring_in(desk, GOOD)).json()

    found = await desk.ask("運費算誰的")

    assert (report["created"], report["published"], report["errors"]) == (2, 2, [])
    assert (found["decision"], found["results"][0]["entry_id"]) == ("answer", "freight")


async def test_the_same_table_again_changes_nothing(desk: Desk) -> None:
    await bring_in(desk, GOOD)

    again = (await bring_in(desk, GOOD)).json()

    assert (again["created"], again["updated"], again["unchanged"]) == (0, 0, 2)


async def test_a_changed_row_becomes_a_new_version_of_its_entry(desk: Desk) -> None:
    await bring_in(desk, GOOD)

    report = (await bring_in(desk, GOOD.replace("买家出。", "店铺出。"))).json()
    entry = (await desk.call("GET", "entries/freight")).json()

    assert (report["updated"], report["unchanged"]) == (1, 1)
    assert (entry["version"], entry["published_version"], entry["answer"]) == (2, 2, "店铺出。")


async def test_without_publishing_customers_get_what_they_got(desk: Desk) -> None:
    await bring_in(desk, GOOD)

    await bring_in(desk, GOOD.replace("买家出。", "店铺出。"), query="")
    entry = (await desk.call("GET", "entries/freight")).json()

    assert (entry["state"], entry["published_version"]) == ("draft", 1)
    assert (await desk.ask("退货运费谁出"))["results"][0]["answer"] == "买家出。"


async def test_one_wrong_row_and_nothing_is_stored(desk: Desk) -> None:
    wrong = GOOD + "invoice,发票,怎么开发票,,重复,,\nempty,发票,空答案,,,,\n"

    answered = await bring_in(desk, wrong)

    assert (answered.status_code, answered.json()["code"]) == (422, "invalid")
    assert [(error["row"], error["field"]) for error in answered.json()["errors"]] == [
        (4, "id"),
        (4, "question"),
        (5, "answer"),
    ]
    assert (await desk.call("GET", "entries")).json()["total"] == 0


async def test_what_is_no_table_is_refused(desk: Desk) -> None:
    for data in (b"", b"\xff\xfe\x00", b"PK\x03\x04zip", b"name,price\n1,2\n", b'id,category,question,answer\n"open'):
        answered = await bring_in(desk, data)
        assert (answered.status_code, answered.json()["code"]) == (422, "invalid"), data


async def test_what_chinese_excel_saves_is_read(desk: Desk) -> None:
    report = (await bring_in(desk, GOOD.encode("gb18030"))).json()

    assert report["created"] == 2


async def test_a_dry_run_tells_and_stores_nothing(desk: Desk) -> None:
    report = (await bring_in(desk, GOOD, query="dry_run=true&publish=true")).json()

    assert report["created"] == 2
    assert (await desk.call("GET", "entries")).json()["total"] == 0


async def test_a_form_with_a_file_works_as_well(desk: Desk) -> None:
    files = {"file": ("faq.csv", GOOD.encode(), "text/csv")}

    answered = await desk.client.post("/api/v1/admin/imports", files=files, headers=desk.headers)

    assert answered.json()["created"] == 2


async def test_nine_megabytes_are_too_many(desk: Desk) -> None:
    answered = await bring_in(desk, b"x" * (9 * 1024 * 1024))

    assert (answered.status_code, answered.json()["code"]) == (413, "too_large")


async def test_the_seed_faq_is_taken_in_whole(desk: Desk) -> None:
    for path in sorted((REPOSITORY / "training_data" / "faq").glob("*.csv")):
        answered = await bring_in(desk, path.read_bytes())
        assert answered.status_code == 201, answered.text

    assert (await desk.call("GET", "status")).json()["published"] >= 150


async def test_an_edit_after_an_import_starts_from_its_version(desk: Desk) -> None:
    await bring_in(desk, GOOD)

    edited = await desk.call("PUT", "entries/freight", 1, json=FREIGHT)

    assert (edited.status_code, edited.json()["version"]) == (200, 2)


async def test_an_excel_file_is_taken_in_with_its_lists_and_numbers(desk: Desk) -> None:
    table = excel(
        COLUMNS,
        ["freight", "退货", "退货运费谁出", "退货邮费谁付\n运费算谁的", "买家出。"],
        [7, 8, "怎么开发票", "", 400],
    )

    report = (await bring_in(desk, table)).json()
    entry = (await desk.call("GET", "entries/7")).json()

    assert (report["created"], report["published"], report["errors"]) == (2, 2, [])
    assert (entry["category"], entry["answer"]) == ("8", "400")
    assert (await desk.ask("运费算谁的"))["results"][0]["entry_id"] == "freight"


async def test_a_wrong_row_of_an_excel_file_is_named_as_excel_numbers_it(desk: Desk) -> None:
    rows = [["a", "退货", "问", "", "答"], [], ["b", "退货", "", "", "答"], ["a", "退货", "另问", "", "答"]]
    table = excel(COLUMNS, *rows, blank_above=2)

    answered = await bring_in(desk, table)

    assert (answered.status_code, answered.json()["code"]) == (422, "invalid")
    assert [(error["row"], error["field"]) for error in answered.json()["errors"]] == [(6, "question"), (7, "id")]
    assert (await desk.call("GET", "entries")).json()["total"] == 0


@pytest.mark.parametrize("broken", ["cut", "no sheet", "header", "bomb"])
async def test_an_excel_file_that_is_none_is_refused_in_words(desk: Desk, broken: str) -> None:
    whole = excel(COLUMNS, ["a", "退货", "问", "", "答"])
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/worksheets/sheet1.xml", b"0" * (201 * 1024 * 1024 if broken == "bomb" else 10))
    data = {"cut": whole[: len(whole) // 2], "header": excel(["名字", "价格"]), "no sheet": packed.getvalue(),
            "bomb": packed.getvalue()}[broken]  # fmt: skip

    answered = await bring_in(desk, data)

    assert (answered.status_code, answered.json()["code"]) == (422, "invalid")
    assert answered.json()["errors"][0]["row"] == 1


@pytest.mark.parametrize("as_table", [as_csv, as_xlsx])
def test_what_is_exported_comes_in_again_as_it_was(as_table: Any) -> None:
    content = Content("=1+1 是多少", "-答\n第二行", "@杂项", similar=("一", "二"), related=("b",), html="<p>答</p>",
                      valid_from="2026-01-01T00:00:00+00:00")  # fmt: skip
    entry = Entry("a", State.PUBLISHED, 1, 1, content, utc_now(), "")

    rows, errors = read_table(as_table([entry]))

    assert errors == []
    assert [(row.number, row.id, row.content) for row in rows] == [(2, "a", content)]


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
async def test_what_the_interface_exports_it_takes_in_again_unchanged(desk: Desk, kind: str) -> None:
    await bring_in(desk, GOOD)

    exported = await desk.call("GET", f"export?format={kind}")
    again = (await bring_in(desk, exported.content)).json()
    odd = await desk.call("GET", "export?format=pdf")

    assert f'filename="faq.{kind}"' in exported.headers["content-disposition"]
    assert (again["rows"], again["unchanged"]) == (2, 2)
    assert (odd.status_code, odd.json()["code"]) == (422, "invalid")


def test_a_cell_that_excel_would_cut_off_is_refused_and_not_lost() -> None:
    content = Content("问", "答", "退货", similar=tuple(f"{number:03}" + "长" * 190 for number in range(200)))
    entry = Entry("a", State.PUBLISHED, 1, 1, content, utc_now(), "")

    with pytest.raises(CannotStart, match="第 2 行 similar"):
        as_xlsx([entry])
