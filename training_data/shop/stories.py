"""The orders that the demo is shown with, told by hand: who bought what when, and what went wrong."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

UNPAID = "now -12m"  # the shop cancels unpaid orders after 30 minutes, so this one is always twelve minutes old


def minutes(clock: str) -> int:
    """ "-2 14:05" → minutes since midnight of the shop's day 0."""
    day, time = clock.split(" ")
    hour, minute = time.split(":")
    return int(day) * 1440 + int(hour) * 60 + int(minute)


@dataclass(frozen=True)
class Story:
    """`signed` may lie ahead of the shop's day: then the parcel is still on its way. Times as in shop_day.py."""

    customer_id: str
    items: tuple[tuple[str, str, int], ...]  # product, option, quantity
    placed: str
    shipped: str | None = None
    signed: str | None = None
    carrier: str = "zto"
    state: str = ""  # only where it does not follow from the times
    ending: str = "signed"  # signed · doorman · station (waits to be collected) · failed (second attempt next day)
    silent_since: str | None = None  # the carrier reported nothing after this
    cancelled: str | None = None
    price: int | None = None  # paid per piece, where it differs from today's price
    invoice: dict[str, Any] | None = None
    name: str | None = None  # for after-sales to refer to


def one(product_id: str, option: str, quantity: int = 1) -> tuple[tuple[str, str, int], ...]:
    return ((product_id, option, quantity),)


STORIES = [
    Story("c1001", one("p2003", "燕麦 M"), "-3 20:11", "-2 15:40", "0 14:30", "zto"),
    Story("c1001", one("p1006", "珍珠白", 2), "-2 12:30", "-1 16:05", "1 15:00", "yto"),
    Story("c1001", one("p4001", "特级 200 g"), "-1 21:46", state="paid"),
    Story("c1002", one("p3003", "白色"), "-3 10:22", "-2 09:30", "1 13:00", "jd"),
    Story("c1003", one("p1003", "220×240 cm"), "-7 11:05", "-6 16:20", "-3 12:00", "yto", silent_since="-4 06:00"),
    Story("c1004", one("p1009", "白色"), "-12 13:30", "-11 16:40", "-8 11:25", state="after_sale", name="lamp return"),
    Story("c1005", one("p3001", "曜石黑"), "-9 20:40", "-8 15:10", "-7 11:20", "sf", price=699),
    Story("c1006", one("p3002", "黑色"), "-1 22:40", state="paid"),
    Story("c1007", one("p2005", "麻灰 M"), "0 09:38", state="unpaid"),
    Story("c1008", one("p4005", "洋槐蜜"), "-4 09:05", "-3 16:30", "-1 10:35", "yunda", ending="doorman"),
    Story("c1009", one("p1007", "28 cm"), "-9 09:12", "-8 17:00", "-6 15:20", "zto"),
    Story("c1010", one("p2004", "深蓝 32"), "-17 21:18", "-16 15:30", "-12 11:02", "yto"),
    Story(
        "c1012", one("p2006", "白橙 40"), "-9 22:05", "-8 15:45", "-5 12:00", "sf", state="after_sale", name="shoe size"
    ),
    Story(
        "c1013",
        one("p3002", "白色"),
        "-52 11:40",
        "-51 16:10",
        "-48 10:15",
        "jd",
        state="after_sale",
        name="headphone repair",
    ),
    Story(
        "c1014",
        one("p3004", "白色", 6),
        "-15 10:08",
        "-15 17:40",
        "-12 14:22",
        "sf",
        invoice={
            "kind": "company",
            "title": "广州云帆信息技术有限公司",
            "tax_no": "91440101MA5CYF2X3K",
            "amount": 774,
            "issued": "-10 11:30",
        },
    ),
    Story("c1014", one("p1006", "墨绿", 10), "-2 09:26", "-1 15:20", "1 11:30", "sf"),
    Story("c1015", one("p1010", "55 L 三个装", 2), "-3 13:20", state="paid"),
    Story("c1016", one("p4002", "30 包", 2), "-1 13:40", state="packing"),
    Story(
        "c1017",
        (("p2010", "卡其", 1), ("p2007", "女 35–39", 1)),
        "-2 09:15",
        state="cancelled",
        cancelled="-2 10:02",
    ),
    Story("c1019", one("p4001", "特级 200 g", 2), "-3 15:32", "-2 17:20", "0 13:00", "sf"),
    Story("c1019", one("p4008", "1.2 kg", 3), "-1 16:50", state="packing"),
    Story("c1021", (("p1004", "雪松", 1), ("p1005", "松绿", 1)), "-5 19:30", "-4 14:00", "-1 15:00", ending="failed"),
    Story("c1022", one("p3006", "云白"), "-6 10:10", "-5 16:00", "-1 17:40", "yto", ending="station"),
    Story("c1023", one("p3009", "奶白 茶轴"), "-2 22:10", "-1 17:30", "1 10:30", "sf"),
    Story("c1023", one("p1012", "米白"), "-2 08:45", "-1 11:20", "1 16:00", "yunda"),
    Story("c1024", one("p3007", "橙色"), "-9 12:15", "-9 17:50", "-6 16:40", "zto", name="loudspeaker"),
    Story("c1025", one("p2001", "墨黑 L"), "-4 20:25", "-3 17:30", "1 13:00", "yto"),
    Story("c1026", one("p2009", "雾紫 M"), "-4 21:02", "-3 15:25", "-1 14:20", "zto"),
    Story("c1027", one("p3010", "标准版"), "-5 10:45", "-4 16:00", "3 13:00", "yto"),
]

# How many orders each customer has in all; who is not listed has none.
ORDER_COUNTS = {
    "c1001": 8,
    "c1002": 3,
    "c1003": 10,
    "c1004": 5,
    "c1005": 4,
    "c1006": 2,
    "c1007": 2,
    "c1008": 6,
    "c1009": 3,
    "c1010": 3,
    "c1011": 5,
    "c1012": 2,
    "c1013": 2,
    "c1014": 7,
    "c1015": 3,
    "c1016": 5,
    "c1017": 3,
    "c1019": 14,
    "c1021": 3,
    "c1022": 5,
    "c1023": 7,
    "c1024": 3,
    "c1025": 1,
    "c1026": 5,
    "c1027": 1,
    "c1028": 4,
    "c1029": 4,
}

AFTER_SALES: list[dict[str, Any]] = [
    {
        "of": "lamp return",
        "kind": "return",
        "state": "退款中",
        "reason": "灯光颜色和预期不一样",
        "amount": 189,
        "opened": "-6 20:15",
        "open": True,
        "steps": [
            ["0 09:05", "仓库验货通过，正在退款，24 小时内原路退回"],
            ["-1 15:20", "嘉兴仓已签收您寄回的商品，48 小时内验货"],
            ["-5 11:30", "您已寄出商品，中通快递 76301948823517"],
            ["-6 22:02", "退货申请已通过，请在 7 天内寄回"],
            ["-6 20:15", "您提交了退货退款申请"],
        ],
    },
    {
        "of": "shoe size",
        "kind": "exchange",
        "state": "换货中",
        "reason": "40 码偏小，换 42 码",
        "amount": 0,
        "opened": "-4 19:30",
        "open": True,
        "steps": [
            ["-1 16:40", "嘉兴仓已签收旧件，48 小时内寄出白橙 42 码"],
            ["-3 10:12", "您已寄出商品，顺丰速运 SF1620473916825"],
            ["-4 21:15", "换货申请已通过，请在 7 天内寄回"],
            ["-4 19:30", "您提交了换货申请"],
        ],
    },
    {
        "of": "headphone repair",
        "kind": "repair",
        "state": "维修中",
        "reason": "左耳没有声音",
        "amount": 0,
        "opened": "-6 12:26",
        "open": True,
        "steps": [
            ["-2 10:30", "检测为左耳扬声器单元故障，质保期内免费更换"],
            ["-3 15:08", "维修中心已收到耳机，7 个工作日内修好"],
            ["-5 09:47", "您已寄出耳机，京东物流 JD0047192036581"],
            ["-6 14:10", "维修申请已通过，来回运费由店铺承担"],
            ["-6 12:26", "您提交了维修申请"],
        ],
    },
    {
        "of": "loudspeaker",
        "kind": "refund",
        "state": "已拒绝",
        "reason": "外壳有划痕，申请仅退款",
        "amount": 60,
        "opened": "-4 18:22",
        "open": False,
        "steps": [
            ["-3 11:40", "申请未通过：没有收到签收 48 小时内的照片，可补充照片再次申请"],
            ["-4 18:22", "您提交了仅退款申请"],
        ],
    },
]
