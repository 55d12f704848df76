"""Reads the first sheet of an Excel file as lines of text with their row numbers, and writes entries as one."""

from __future__ import annotations

import datetime
import io
import zipfile
from collections.abc import Iterable, Sequence
from typing import Any

import xlsxwriter
from python_calamine import CalamineError, CalamineWorkbook

from knowledge_base.errors import CannotStart

BEGINNINGS = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0")
"""How .xlsx (a zip) and the older .xls begin."""
LARGEST_UNPACKED = 200 * 1024 * 1024
"""A small zip can unpack to anything; a table of 50,000 entries stays far below this."""
MOST_COLUMNS = 100
LONGEST_CELL = 32_767
"""Excel's own limit; longer texts would be cut off without a word."""
COLUMN_WIDTHS = {"question": 36, "similar": 48, "answer": 60, "html": 24}
USUAL_WIDTH = 18

Line = tuple[int, list[str]]


class UnreadableSheet(Exception):
    """The file is no table; the sentence says why."""


def is_spreadsheet(data: bytes) -> bool:
    return data.startswith(BEGINNINGS)


def lines_of(data: bytes, most_rows: int) -> list[Line]:
    """Every row that is not empty, as Excel numbers it."""
    try:
        if data.startswith(BEGINNINGS[0]):
            with zipfile.ZipFile(io.BytesIO(data)) as packed:
                if sum(part.file_size for part in packed.infolist()) > LARGEST_UNPACKED:
                    raise UnreadableSheet("解开后太大")
        with CalamineWorkbook.from_filelike(io.BytesIO(data)) as book:
            if not book.sheet_names:
                raise UnreadableSheet("没有工作表")
            sheet = book.get_sheet_by_index(0)
            if sheet.total_width > MOST_COLUMNS:
                raise UnreadableSheet(f"有 {sheet.total_width} 列，最多 {MOST_COLUMNS} 列")
            if sheet.total_height > most_rows:
                raise UnreadableSheet(f"一次最多导入 {most_rows} 行，这里有 {sheet.total_height} 行")
            rows = sheet.to_python(skip_empty_area=False)
    except (CalamineError, zipfile.BadZipFile, ValueError, OSError) as error:
        raise UnreadableSheet(f"不是能读的 Excel 文件（{error}）") from error
    texts = [(number, [_text(cell) for cell in row]) for number, row in enumerate(rows, 1)]
    return [(number, cells) for number, cells in texts if any(cells)]


def _text(cell: Any) -> str:
    """What a person sees in the cell: 7 and not 7.0, a moment as RFC 3339."""
    if isinstance(cell, bool):
        return "是" if cell else "否"
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    if isinstance(cell, datetime.date | datetime.time):
        return cell.isoformat()
    return str(cell).replace("_x000D_", "").strip()


def written(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> bytes:
    """An .xlsx file: texts stay texts, so that no cell becomes a formula, a link or a number."""
    out = io.BytesIO()
    book = xlsxwriter.Workbook(
        out, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    )
    sheet = book.add_worksheet("知识库")
    heading = book.add_format({"bold": True, "bg_color": "#EEF2F7", "bottom": 1})
    wrapped = book.add_format({"text_wrap": True, "valign": "top"})
    for place, name in enumerate(columns):
        sheet.write_string(0, place, name, heading)
        sheet.set_column(place, place, COLUMN_WIDTHS.get(name, USUAL_WIDTH))
    for number, row in enumerate(rows, 1):
        for place, cell in enumerate(row):
            if len(cell) > LONGEST_CELL:
                told = f"第 {number + 1} 行 {columns[place]}：Excel 的一格最多 {LONGEST_CELL} 个字符，请导出为 CSV"
                raise CannotStart(told)
            if cell:
                sheet.write_string(number, place, cell, wrapped)
    sheet.freeze_panes(1, 0)
    book.close()
    return out.getvalue()
