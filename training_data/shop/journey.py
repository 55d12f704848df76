"""A parcel's journey from one of the two warehouses to a customer's door, as the carrier would report it."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random

HOUR = 60
DAY = 24 * HOUR

CARRIERS = {
    "sf": ("顺丰速运", "SF1", 12, "集散中心", "营业点"),
    "zto": ("中通快递", "7", 13, "转运中心", "网点"),
    "yto": ("圆通速递", "YT", 13, "转运中心", "网点"),
    "yunda": ("韵达快递", "4", 14, "分拨中心", "网点"),
    "jd": ("京东物流", "JD0", 12, "分拣中心", "营业部"),
}

# City → (warehouse it is served from, hub on the way if any, area of the last station, longest usual days).
ROUTES: dict[str, tuple[str, str | None, str, int]] = {
    "上海": ("嘉兴", None, "浦东锦绣", 2),
    "杭州": ("嘉兴", None, "西湖文三", 2),
    "苏州": ("嘉兴", None, "园区星湖", 2),
    "南京": ("嘉兴", None, "鼓楼中央路", 2),
    "无锡": ("嘉兴", None, "滨湖太湖", 2),
    "宁波": ("嘉兴", None, "鄞州百丈", 2),
    "合肥": ("嘉兴", None, "蜀山黄山路", 2),
    "北京": ("嘉兴", "济南", "朝阳望京", 3),
    "天津": ("嘉兴", "济南", "南开卫津", 3),
    "济南": ("嘉兴", None, "历下泉城", 3),
    "青岛": ("嘉兴", "济南", "市南香港路", 3),
    "武汉": ("嘉兴", None, "洪山光谷", 3),
    "长沙": ("嘉兴", "南昌", "岳麓麓山", 3),
    "郑州": ("嘉兴", "合肥", "金水花园路", 3),
    "太原": ("嘉兴", "郑州", "小店长风", 4),
    "广州": ("嘉兴", "南昌", "天河体育西", 3),
    "深圳": ("嘉兴", "东莞", "南山科苑", 3),
    "厦门": ("嘉兴", "泉州", "思明湖滨", 3),
    "福州": ("嘉兴", None, "鼓楼五四", 3),
    "南宁": ("嘉兴", "长沙", "青秀民族", 4),
    "沈阳": ("嘉兴", "天津", "和平三好", 4),
    "大连": ("嘉兴", "天津", "中山人民路", 4),
    "哈尔滨": ("嘉兴", "沈阳", "南岗西大直", 4),
    "西安": ("成都", None, "雁塔科技路", 3),
    "重庆": ("成都", None, "渝北新南", 2),
    "成都": ("成都", None, "武侯天府", 2),
    "昆明": ("成都", None, "盘龙北京路", 3),
    "贵阳": ("成都", "重庆", "观山湖长岭", 3),
    "乌鲁木齐": ("成都", "兰州", "天山新华", 8),
}

COURIERS = ["李师傅", "王师傅", "张师傅", "刘师傅", "陈师傅", "杨师傅", "黄师傅", "赵师傅"]
Trace = tuple[int, str]


@dataclass(frozen=True)
class Journey:
    """Minutes count from midnight of the shop's day 0; traces are oldest first."""

    carrier: str
    tracking_no: str
    traces: list[Trace]


def travel(carrier: str, city: str, packed: int, shipped: int, signed: int, rng: Random, ending: str) -> Journey:
    """The whole way, from packing to the doorstep, even the part that still lies ahead; `ending` tells how it goes."""
    name, prefix, digits, hub, station = CARRIERS[carrier]
    origin, between, area, _ = ROUTES[city]
    tracking_no = prefix + "".join(str(rng.randint(0, 9)) for _ in range(digits))
    courier, tail = rng.choice(COURIERS), rng.randint(1000, 9999)

    last_morning = signed - signed % DAY
    out_for_delivery = min(last_morning + 7 * HOUR + rng.randint(20, 95), signed - 25)
    at_station = last_morning + 5 * HOUR + rng.randint(10, 70)
    start = shipped + rng.randint(130, 200)
    stops = [f"{origin}{hub}"] + ([f"{between}{hub}"] if between else []) + [f"{city}{hub}"]
    # The stops share the time between collection and the last station; each is an arrival and a departure.
    stride = (at_station - start) // len(stops)
    if stride < 2 * HOUR:
        raise ValueError(f"{carrier} to {city}: {stride} minutes between stops is faster than any lorry")
    traces: list[Trace] = [
        (packed, f"【{origin}仓】包裹已打包，等待快递揽收"),
        (shipped, f"【{origin}市】{name}已揽收，揽收员{rng.choice(COURIERS)}"),
    ]
    for index, stop in enumerate(stops):
        following = stops[index + 1] if index + 1 < len(stops) else f"{city}{area}{station}"
        arrived = start + stride * index + rng.randint(0, 25)
        traces.append((arrived, f"【{stop}】快件已到达"))
        traces.append((arrived + stride // 3 + rng.randint(0, 20), f"【{stop}】快件已发出，下一站【{following}】"))
    traces.append((at_station, f"【{city}{area}{station}】快件已到达"))
    traces.append(
        (out_for_delivery, f"【{city}{area}{station}】快递员{courier}（138****{tail}）正在派送，请保持电话畅通")
    )
    match ending:
        case "failed":
            # `signed` is the first attempt's day; the courier comes again on the next.
            lost = out_for_delivery + 4 * HOUR
            traces.append((lost, f"【{city}{area}{station}】派送未成功：收件人电话无人接听，快件将于次日再次派送"))
            again = f"【{city}{area}{station}】快递员{courier}（138****{tail}）正在第二次派送，请保持电话畅通"
            traces.append((out_for_delivery + DAY, again))
            traces.append((signed + DAY, "快件已签收，签收人：本人"))
        case "station":
            traces.append(
                (signed, f"快件已放入【{city}{area}邻里驿站】，取件码 {rng.randint(2, 9)}-{tail}，请及时取件")
            )
        case "doorman":
            traces.append((signed, "快件已签收，签收人：门卫代收，如有疑问请联系派送员"))
        case _:
            who = rng.choice(["本人", "本人", "家人", "前台", "快递柜"])
            traces.append((signed, f"快件已签收，签收人：{who}，感谢使用{name}"))
    return Journey(carrier=name, tracking_no=tracking_no, traces=traces)
