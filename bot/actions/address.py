"""Reads a new delivery address out of one line: who, which phone, where."""

from __future__ import annotations

import re
from typing import Optional

from bot.text import fold

_PHONE = re.compile(r"(?<!\d)(1[3-9]\d)[ -]?([\d*]{4})[ -]?(\d{4})(?!\d)")
_LABEL = re.compile(
    r"(?:新的?)?(?:收[件货]人|姓名|名字|联系人|联系电话|电话号?码?|手机号?码?|电话|手机|收[件货]地址|详细地址|地址)\s*(?:是|为|改[为成到])?\s*[:：]?"
)
_LEAD = re.compile(
    r"^.*?(?:改(?:成|到|为|寄到?|送到?)|换(?:成|到)|寄(?:到|去|往)|送(?:到|去)|发(?:到|往|去)|变更(?:为|到)|更新(?:为|成))(?:这个|新的?)?(?:地址)?\s*[:：]?"
)
_PLACE = re.compile(
    r"省|市|区|县|镇|乡|路|街|道|巷|弄|村|小区|社区|花园|苑|大厦|公寓|号|栋|幢|单元|室|楼|学校|大学|学院|驿站|广场|园|府|城|里|庄|厂|公司"
)
_NAME = re.compile(r"^[\u4e00-\u9fff]{2,4}$|^[a-zA-Z][a-zA-Z .]{1,20}$")
_NOT_A_NAME = re.compile(r"地址|谢谢|麻烦|改|你好|好的|修改|帮我|可以|这个|新的")
SHORTEST = 6
SIGNS = 2


def parse(text: str) -> Optional[dict[str, Optional[str]]]:
    """{"name", "phone", "text"} with None for what was not said; None when there is no address in it."""
    line = fold(text)
    phone = _PHONE.search(line)
    rest = _PHONE.sub(" ", line)
    rest = _LEAD.sub("", rest, count=1) if _LEAD.match(rest) else rest
    pieces = [piece.strip(" ，,。.;；:：、") for piece in re.split(r"[\n,，;；。]|\s{1,}", _LABEL.sub(" ", rest))]
    pieces = [piece for piece in pieces if piece]
    name = next((p for p in pieces if _NAME.match(p) and not _PLACE.search(p) and not _NOT_A_NAME.search(p)), None)
    where = "".join(p for p in pieces if p != name and not _NOT_A_NAME.search(p))
    if len(where) < SHORTEST or len(_PLACE.findall(where)) < SIGNS or re.search(r"吗|怎么|什么|[?？]", where):
        return None
    return {"name": name, "phone": "".join(phone.groups()) if phone else None, "text": where}
