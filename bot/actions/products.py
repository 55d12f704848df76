"""Stock, price and options of a product."""

from __future__ import annotations

from typing import Any

from bot.actions.faq import miss
from bot.actions.knowledge import answers, knowledge, send_answer
from bot.actions.reply import Reply
from bot.actions.shop import shop
from bot.actions.topic import Topic
from bot.actions.turn_context import TurnContext
from bot.actions.wording import money
from bot.noticing.words import finder

SHOWN = 3
_ABOUT_STOCK = finder(
    "有货 没货 缺货 断货 现货 库存 补货 多少钱 什么价 价格 几个颜色 什么颜色 哪些颜色 几种 还有吗 有没有"
)
SHORTEST_NAME = 2

_AROUND_THE_NAME = finder(
    """
    [?？!！。,，~] 请问 你们 你家 店里 这款 那款 这个 那个 这件 有没有 还有 现在 今天 有货 没货 缺货 断货 现货
    库存 多少钱 什么价格? 价格 几个颜色 几种颜色 什么颜色 哪些颜色 有什么 有哪些 规格 颜色 尺码 尺寸 多大 在吗
    老板 补货 上架 什么时候 能买到
    """,
    r"\s",
)
_AT_THE_ENDS = "吗呢啊呀么的是有还了亲都"
"""Single characters are taken off the ends only: inside they are part of names (人工智能手表)."""


class ProductQuestion(Topic):
    """Stock, price and options come from the shop; everything else about a product from the knowledge base."""

    def name(self) -> str:
        return "action_product_question"

    async def answer(self, turn: TurnContext, reply: Reply) -> None:
        # Stock and price of one product are facts of the shop; the knowledge base only says how to read its pages.
        if _ABOUT_STOCK.search(turn.folded) and await self._from_shop(turn, reply):
            return
        unclear = turn.slot("unclear")
        found = await knowledge().search(turn.text, [str(unclear)] if unclear else [])
        results = found.get("results") or []
        if answers(found):
            send_answer(found, results[0], reply)
            return
        if not await self._from_shop(turn, reply):
            miss(turn, found, reply)

    async def _from_shop(self, turn: TurnContext, reply: Reply) -> bool:
        """Whether the shop knows the product, and was quoted."""
        words = _product_words(turn.folded)
        products = await shop().products(words) if len(words) >= SHORTEST_NAME else []
        if products:
            reply.say("\n".join(_about(product) for product in products[:SHOWN]))
            reply.keep(misses=0, unclear=None)
        return bool(products)


def _product_words(folded: str) -> str:
    """The product's name without the question around it."""
    return _AROUND_THE_NAME.sub("", folded).strip(_AT_THE_ENDS)


def _about(product: dict[str, Any]) -> str:
    options = product.get("options") or []
    named = [o.get("option", "") if isinstance(o, dict) else str(o) for o in options]
    available = [o.get("option", "") for o in options if isinstance(o, dict) and o.get("stock")]
    stock = product.get("stock")
    state = "目前有货" if stock else "暂时无货"
    shown = available or named
    return (
        f"{product.get('title')}：{money(product.get('price') or 0)}，{state}"
        + (f"，可选 {'、'.join(shown)}" if shown else "")
        + "。"
    )
