"""The numbers by which the desk decides, in one frozen place, filled from the settings."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Rules:
    # Half a second less than the eight seconds promised: the notice must be stored and shown within them.
    bot_timeout_seconds: float = 7.5
    # Rasa reads one line at a time, but while an action looks something up it reads the next. A message that finds a
    # place here is leased in the transaction that stores it; one that finds none costs a transaction more (with
    # sixteen customers 16 places brought a fifth more turns a second than 8).
    bot_concurrency: int = 16
    # Measured on 300 turns: a Rasa tracker slows from 40 to 235 ms per turn; a new session costs nothing.
    turns_per_session: int = 30
    # Half an hour of silence: what comes next is another topic.
    session_idle_seconds: int = 1800

    # Nobody hears from his console (it beats every five seconds): colleagues see him as away, his customers stay his.
    shown_away_seconds: float = 12
    # A closed browser tab is often a reload; a minute later the agent is really gone.
    grace_seconds: float = 60
    # A claimed customer who hears nothing for so long goes back to the head of the queue.
    claim_timeout_seconds: float = 300
    # More than this many people in one group's queue: new ones are told to leave a message.
    queue_limit: int = 200
    # Each step of severity is worth this much waiting, so that a calm customer is overtaken but never starves.
    severity_head_start_seconds: int = 120
    # Whoever lost his agent stands before everybody who waits for the first time.
    requeue_head_start_seconds: int = 3600
    default_capacity: int = 8
    # So long a waiting customer is kept for the agent he knows, if that one is there with room.
    last_agent_first_seconds: int = 60
    # So long a grave case is kept for somebody experienced who is free; then anybody may take it.
    skilled_first_seconds: int = 120

    # Triggers that the bot only noticed hand over at these scores; below them the conversation is shown under 待干预.
    negative_emotion_score: float = 0.85
    sensitive_word_score: float = 0.5
    # Repetition marks the need for a person with precision 0.69–0.82 on labelled dialogues.
    repeated_score: float = 0.7
    watch_score: float = 0.5
    vip_levels: tuple[str, ...] = ("diamond",)
    # After coming back to the bot, a merely noticed trigger needs so many fresh customer messages.
    cool_down_messages: int = 2

    # Somebody who waits is told that he is not forgotten, after this and twice, four times … as long.
    reminder_seconds: int = 120
    # After this wait a customer goes to the group that helps out, where there is one and somebody is there.
    overflow_seconds: int = 300
    # After opening, the messages of the night are answered within this.
    after_opening_seconds: int = 7200
    # The bot's customer has gone without a word for so long: nobody is there any more.
    bot_idle_close_seconds: int = 7200
    longest_snooze_seconds: int = 7 * 86400

    # Nobody on duty: an answer is promised within a day, the shortest time that holds on every day of the week.
    message_answer_seconds: int = 86400
    # A closed conversation is continued when the customer is back within a day; later he begins a new one.
    reopen_seconds: int = 86400
    # A call-back that a customer asked for is made within this, counted while the group works.
    call_back_seconds: int = 7200
    # Before a promise comes due, its owner is told: time enough to make a call.
    promise_warning_seconds: int = 900
    # Whoever goes off duty is back after a night; what comes due before that is handed on at once.
    shift_hand_on_seconds: int = 43200
    # Whoever lost his line is mostly back soon; only what cannot wait for that is handed on.
    line_cut_hand_on_seconds: int = 1800
    recall_seconds: int = 120

    outbox_poll_seconds: float = 0.5
    watch_poll_seconds: float = 1.0
    default_locale: str = "zh-CN"
    # Hosts (with port) whose pictures may come over plain http, beside https from anywhere.
    http_image_hosts: tuple[str, ...] = ()

    @property
    def thresholds(self) -> dict[str, float]:
        """The scores in force, stored with each decision: years later they may be others."""
        return {
            "negative_emotion": self.negative_emotion_score,
            "sensitive_word": self.sensitive_word_score,
            "repeated": self.repeated_score,
            "watch": self.watch_score,
        }
