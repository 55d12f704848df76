"""What the customer reads at every change of hands, said by the transition itself: nothing is said but not done."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from typing import Any

# Shops are in China; a promise's deadline is told in their time.
SHOP_TIME = timezone(timedelta(hours=8))

CHINESE = {
    "handed_over": "正在为您转接人工客服，您前面还有 {ahead} 位，请稍候。等待时您可以继续提问，机器人会先帮您解答。",
    "handed_over_first": "正在为您转接人工客服，马上就到您，请稍候。",
    "handed_over_nobody": "已为您记下，客服上线后会第一时间联系您。您可以先把问题留言在这里，机器人也会继续帮您。",
    "claimed": "{agent} 已接入，前面的对话我都看到了，不用再重复说明。",
    "followed_up": "{agent} 来跟进之前答应您的事，前面的对话都在，不用再重复说明。",
    "requeued": "刚才的客服暂时离开了，已为您排到最前面，您说过的内容都已保留。",
    "requeued_declined": "正在为您安排其他客服，已为您排到最前面，您说过的内容都已保留。",
    "transferred_agent": "已为您转给 {agent}，前面的对话已一并转交。",
    "transferred_group": "已为您转给{group}，请稍候，前面的对话已一并转交。",
    "returned_to_bot": "人工服务已结束，接下来由机器人继续为您服务，需要时可随时转人工。",
    "closed": "本次服务已结束，欢迎为我们评价。有问题可以直接继续留言。",
    "bot_away": "机器人暂时无法回答，已为您转接人工客服。",
    "nobody_online": "现在没有客服在线。您的留言不会丢失，我们会在 {due} 前回复您。",
    "queue_full": "当前咨询的人很多，等待会比较久。您可以先留言，我们会在 {due} 前回复您。",
    "outside_hours": "现在不在人工服务时间，{opens} 开始服务。您的留言不会丢失，我们会在 {due} 前回复您。",
    "overflowed": "这边等待较久，已为您转到{group}，您的排队时间照算，说过的内容都已保留。",
    "still_waiting": "还在为您排队，前面还有 {ahead} 位。您说过的内容都已保留，不用重复说明。",
    "still_waiting_first": "还在为您排队，您就是下一位，请稍候。",
    "closed_idle": "您有一段时间没有回复，本次服务先结束了。有问题直接留言，会马上继续。",
    "call_back": "在 {due} 前给您回电",
    "promise": "在 {due} 前回复您的留言",
    "due": "%-m月%-d日 %H:%M",
}
ENGLISH = {
    "handed_over": "Connecting you to a person; {ahead} ahead of you. Meanwhile go on asking, the bot will help.",
    "handed_over_first": "Connecting you to a person; you are next.",
    "handed_over_nobody": "Noted. A person will reach you as soon as one is back. Leave your message here.",
    "claimed": "{agent} is here and has read everything above, so there is no need to repeat it.",
    "followed_up": "{agent} is back about what was promised to you, and has read everything above.",
    "requeued": "The person serving you had to leave. You are first in line, and everything you said is kept.",
    "requeued_declined": "Another person is being found for you. You are first in line, and everything is kept.",
    "transferred_agent": "You are now with {agent}, who has the whole conversation.",
    "transferred_group": "Passing you to {group}; please hold on. The whole conversation goes along.",
    "returned_to_bot": "The bot is back with you. Ask for a person at any time.",
    "closed": "This conversation has ended. We would be glad of your rating; just write if anything is left.",
    "bot_away": "The bot cannot answer right now, so we are connecting you to a person.",
    "nobody_online": "Nobody is on duty right now. Your message is kept and will be answered by {due}.",
    "queue_full": "A great many people are waiting. Leave your message and it will be answered by {due}.",
    "outside_hours": "Nobody is on duty now; we are back at {opens}. Your message is kept and answered by {due}.",
    "overflowed": "The wait is long here, so {group} takes over. Your waiting time and all you said are kept.",
    "still_waiting": "You are still in line, {ahead} ahead of you. Everything you said is kept.",
    "still_waiting_first": "You are still in line, and next.",
    "closed_idle": "You have been away for a while, so this conversation has ended. Just write to go on.",
    "call_back": "Call you back by {due}",
    "promise": "Answer your message by {due}",
    "due": "%b %-d, %H:%M (UTC+8)",
}

# For the agent: why this customer came, one sentence each.
REASONS = {
    "user_asked": "客户要求人工服务",
    "low_confidence": "机器人没有把握听懂",
    "no_answer": "知识库里没有答案",
    "repeated": "客户重复提问，机器人没有解决",
    "negative_emotion": "客户情绪不满",
    "sensitive_word": "客户提到敏感内容",
    "business_rule": "按业务规则需要人工处理",
    "vip_rule": "重要客户，优先人工",
    "bot_error": "机器人出现故障",
    "agent_takeover": "客服主动接入",
}


def say(locale: str, name: str, **facts: Any) -> str:
    """The sentence in the customer's language, Chinese unless he reads English."""
    words = ENGLISH if locale.lower().startswith("en") else CHINESE
    return words[name].format(**facts)


def say_when(locale: str, moment: datetime) -> str:
    return moment.astimezone(SHOP_TIME).strftime(say(locale, "due"))


def say_handed_over(locale: str, ahead: int, someone_online: bool) -> str:
    if not someone_online:
        return say(locale, "handed_over_nobody")
    if ahead == 0:
        return say(locale, "handed_over_first")
    return say(locale, "handed_over", ahead=ahead)
