"""What an editor sends: its shape, its limits, and messages that say which field is wrong."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError, model_validator
from pydantic_core import PydanticCustomError

from knowledge_base.answer_html import sanitised
from knowledge_base.faq import Content, Variant, parse_time

MOST_CHARACTERS = 4000
MOST_PHRASINGS = 200
LONE_SURROGATE = "lone_surrogate"


def clean(text: str) -> str:
    """Without NUL and outer white space. A lone surrogate cannot be stored or sent on, so it is refused."""
    plain = text.replace("\0", "").strip()
    if any("\ud800" <= character <= "\udfff" for character in plain):
        raise PydanticCustomError(LONE_SURROGATE, "含有不完整的字符")
    if len(plain) > MOST_CHARACTERS:
        raise PydanticCustomError("too_long", "最多 {most} 个字", {"most": MOST_CHARACTERS})
    return plain


def not_empty(text: str) -> str:
    if not text:
        raise PydanticCustomError("empty", "不能为空")
    return text


def at_most(most: int) -> AfterValidator:
    def check(text: str) -> str:
        if len(text) > most:
            raise PydanticCustomError("too_long", "最多 {most} 个字", {"most": most})
        return text

    return AfterValidator(check)


def a_time(text: str | None) -> str | None:
    if not text:
        return None
    try:
        moment = parse_time(text)
    except ValueError:
        raise PydanticCustomError("bad_time", "应为 2026-01-31T00:00:00+08:00 这样的时间") from None
    return moment.isoformat() if moment else None


Clean = Annotated[str, AfterValidator(clean)]
Said = Annotated[str, AfterValidator(clean), AfterValidator(not_empty)]
Id = Annotated[str, AfterValidator(clean), AfterValidator(not_empty), at_most(100)]
Question = Annotated[str, AfterValidator(clean), AfterValidator(not_empty), at_most(200)]
Short = Annotated[str, AfterValidator(clean), AfterValidator(not_empty), at_most(50)]
Time = Annotated[str | None, AfterValidator(a_time)]


class Strict(BaseModel):
    """Unknown members are refused: a misspelt one must not be lost in silence."""

    model_config = ConfigDict(extra="forbid")


class AnswerVariant(Strict):
    answer: Said
    html: Clean = ""


class EntryDraft(Strict):
    question: Question
    similar: Annotated[list[Question], Field(max_length=MOST_PHRASINGS)] = []
    answer: Said
    html: Clean = ""
    category: Short
    keywords: Annotated[list[Short], Field(max_length=50)] = []
    variants: dict[Short, AnswerVariant] = {}
    related: Annotated[list[Id], Field(max_length=20)] = []
    valid_from: Time = None
    valid_to: Time = None

    @model_validator(mode="after")
    def _ends_after_it_begins(self) -> EntryDraft:
        begins, ends = parse_time(self.valid_from), parse_time(self.valid_to)
        if begins and ends and ends <= begins:
            raise PydanticCustomError("bad_time", "valid_to 应晚于 valid_from")
        return self

    def content(self) -> Content:
        variants = {name: Variant(one.answer, sanitised(one.html)) for name, one in self.variants.items()}
        return Content(
            question=self.question,
            answer=self.answer,
            category=self.category,
            similar=tuple(phrase for phrase in dict.fromkeys(self.similar) if phrase != self.question),
            html=sanitised(self.html) if self.html else "",
            keywords=tuple(dict.fromkeys(self.keywords)),
            variants=variants,
            related=tuple(dict.fromkeys(self.related)),
            valid_from=self.valid_from,
            valid_to=self.valid_to,
        )


TOLD = {
    "missing": "缺少这一项",
    "extra_forbidden": "没有这一项",
    "string_type": "应为文字",
    "int_type": "应为整数",
    "int_parsing": "应为整数",
    "bool_type": "应为 true 或 false",
    "list_type": "应为列表",
    "dict_type": "应为对象",
    "model_attributes_type": "应为对象",
    "model_type": "应为对象",
}


def messages_of(error: ValidationError) -> list[dict[str, Any]]:
    return told(error.errors(include_url=False, include_context=False, include_input=False))


def told(errors: Any) -> list[dict[str, Any]]:
    """Field and message of every error; what was sent is not repeated."""
    return [
        {
            "field": ".".join(str(part) for part in one["loc"] if part != "body") or "body",
            "message": TOLD.get(one["type"], one["msg"]),
        }
        for one in errors
    ]
