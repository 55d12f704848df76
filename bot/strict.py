"""Makes Rasa's message processor fail loudly: an action's exception ends the turn instead of an empty 200.

It also leaves out what can bring nothing here, as `tests/bot/test_in_order.py` holds: every rule of
`training_data/dialogue/rules.yml` is one action and then listening, so nobody is asked what comes after an action;
and only actions fill slots, so none are looked for in the line.
"""

from __future__ import annotations

from typing import Any, Optional

from rasa.core.actions.action import Action, ActionExecutionRejection
from rasa.core.channels.channel import OutputChannel
from rasa.core.nlg import NaturalLanguageGenerator
from rasa.core.policies.policy import PolicyPrediction
from rasa.core.processor import MessageProcessor
from rasa.shared.core.constants import ACTION_LISTEN_NAME
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import ActionExecuted, Event
from rasa.shared.core.trackers import DialogueStateTracker

from bot.in_order import InOrder
from bot.turn_output import TurnOutput


class ActionFailed(Exception):
    """An action raised, or its server did not answer. Names only: Rasa's own text quotes the whole tracker."""

    def __init__(self, action: str, cause: str) -> None:
        super().__init__(f"{action}: {cause}")


class _Witness(Action):
    """An action that keeps its exception, which `MessageProcessor._run_action` would log with the customer's words."""

    def __init__(self, action: Action) -> None:
        self._action = action
        self.failure: Optional[str] = None

    def name(self) -> str:
        return self._action.name()

    def event_for_successful_execution(self, prediction: PolicyPrediction) -> Event:
        return self._action.event_for_successful_execution(prediction)

    async def run(
        self,
        output_channel: OutputChannel,
        nlg: NaturalLanguageGenerator,
        tracker: DialogueStateTracker,
        domain: Domain,
    ) -> list[Event]:
        try:
            return await self._action.run(output_channel, nlg, tracker, domain)
        except ActionExecutionRejection:
            raise
        except Exception as error:
            root = error.__cause__ or error
            self.failure = type(root).__name__
            return []


class StrictProcessor(MessageProcessor):
    """Rasa's processor, with failures raised before the tracker is saved, so that a retry starts clean."""

    async def fetch_tracker_and_update_session(
        self, sender_id: str, output_channel: Optional[OutputChannel] = None, metadata: Optional[dict[str, Any]] = None
    ) -> DialogueStateTracker:
        tracker = await super().fetch_tracker_and_update_session(sender_id, output_channel)
        if isinstance(output_channel, TurnOutput):
            output_channel.begin(tracker)
        return tracker

    def _check_for_unseen_features(self, parse_data: dict[str, Any]) -> None:
        """Rasa would only warn, and builds an empty domain for it at every line; our parts know the domain's names."""

    async def run_action_extract_slots(
        self, output_channel: OutputChannel, tracker: DialogueStateTracker
    ) -> DialogueStateTracker:
        return tracker

    async def _run_action(
        self,
        action: Action,
        tracker: DialogueStateTracker,
        output_channel: OutputChannel,
        nlg: NaturalLanguageGenerator,
        prediction: PolicyPrediction,
    ) -> bool:
        witness = _Witness(action)
        goes_on = await super()._run_action(witness, tracker, output_channel, nlg, prediction)
        if witness.failure:
            raise ActionFailed(action.name(), witness.failure)
        return goes_on

    async def _run_prediction_loop(self, output_channel: OutputChannel, tracker: DialogueStateTracker) -> None:
        if tracker.followup_action or not self._should_handle_message(tracker):
            await super()._run_prediction_loop(output_channel, tracker)
        else:
            action, prediction = self.predict_next_with_tracker_if_should(tracker)
            goes_on = await self._run_action(action, tracker, output_channel, self.nlg, prediction)
            was_rejected = tracker.latest_action_name != action.name()
            if goes_on and (was_rejected or tracker.followup_action or tracker.active_loop):
                await super()._run_prediction_loop(output_channel, tracker)
            elif goes_on:
                tracker.update(ActionExecuted(ACTION_LISTEN_NAME, policy="after one action", confidence=1.0))
        if tracker.latest_action_name != ACTION_LISTEN_NAME:
            raise ActionFailed(str(tracker.latest_action_name), "TooManyActions")


def make_strict(processor: MessageProcessor) -> StrictProcessor:
    """Rasa builds its processor itself and offers no place to name another class, so the built one changes class."""
    if not isinstance(processor, StrictProcessor):
        processor.__class__ = StrictProcessor
        processor.graph_runner.__class__ = InOrder
    return processor
