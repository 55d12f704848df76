"""Gives waiting customers to agents: the next one to whoever asks, or by itself where a group is run that way."""

from __future__ import annotations

from handoff.agent_side import AgentSide
from handoff.dispatch import Hand, best_for, next_for
from handoff.errors import AlreadyClaimed, AtCapacity, IllegalMove, NobodyWaiting, NotFound
from handoff.store import line, log, skills
from handoff.store.line import Place
from handoff.views import Conversation

# Another agent may be faster with the first; with all of these he is not, unless the line is empty.
MOST_TRIED = 10
# One round's work; the rest comes with the next, a second later.
MOST_ASSIGNED = 50


class Taking(AgentSide):
    async def claim_next(self, agent_id: str) -> Conversation:
        """The waiting customer that this agent should take now. NobodyWaiting, or AtCapacity."""
        async with self.workplace.store.reading() as connection:
            hands = {hand.agent_id: hand for hand in await skills.hands(connection)}
            places = await line.places(connection)
        hand = hands.pop(agent_id, None)
        if hand is None:
            raise NotFound("没有这位客服")
        chosen = next_for(hand, places, list(hands.values()), self.workplace.now(), self.workplace.rules)
        for place in chosen[:MOST_TRIED]:
            try:
                return await self.claim(place.conversation_id, agent_id)
            except (AlreadyClaimed, IllegalMove):
                continue
        raise NobodyWaiting

    async def assign_waiting(self) -> int:
        """Gives each waiting customer of a group that is run so to the agent who should have him."""
        now, rules = self.workplace.now(), self.workplace.rules
        async with self.workplace.store.reading() as connection:
            given = await skills.groups_given_their_customers(connection)
            if not given:
                return 0
            places = [place for place in await line.places(connection) if place.group_id in given]
            hands = {hand.agent_id: hand for hand in await skills.hands(connection)}
        assigned = 0
        for place in places[:MOST_ASSIGNED]:
            if not any(hand.is_free for hand in hands.values()):
                break
            hand = best_for(place, list(hands.values()), now, rules, await self._passed_over(place))
            if hand is not None and await self._assign(place, hand):
                hands[hand.agent_id] = Hand(hand.agent_id, hand.levels, hand.active + 1, hand.capacity, hand.is_online)
                assigned += 1
        return assigned

    async def _assign(self, place: Place, hand: Hand) -> bool:
        try:
            await self.claim(place.conversation_id, hand.agent_id, is_assigned=True)
        except (AlreadyClaimed, IllegalMove, AtCapacity):
            # Claimed, cancelled, or the agent took somebody else in between: the next round sees it.
            return False
        return True

    async def _passed_over(self, place: Place) -> set[str]:
        """Whoever declined him, or had him and did not answer, does not get him again of himself."""
        async with self.workplace.store.reading() as connection:
            returned = await log.of_kinds(connection, place.conversation_id, ("handed_over", "requeued"))
        return {
            str(event.body["staff"]["from"])
            for event in returned
            if event.kind == "requeued" and event.body["staff"]["why"] != "overflow"
        }
