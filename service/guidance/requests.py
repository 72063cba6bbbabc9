"""What the API and the commands are asked: a request is read strictly.

They do not forgive as pages do: the first thing that is not known or not possible is an error that names it.
"""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from service.content.models import Outline
from service.errors import InvalidRequest
from service.guidance.answers import Query, RawAnswer, RawQuery, Why, read

EditionNumber = Annotated[int, Field(ge=1, le=2**53 - 1, description="An edition that is or was live.")]


class RequestBody(BaseModel):
    """A request is read strictly: no unknown field, no number in place of a text."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class EditionQuery(BaseModel):
    """The query of a list; a misspelt name is an error instead of the wrong edition."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    edition: EditionNumber | None = None


class SaidAnswer(RequestBody):
    """One answer: `options`, or `unsure` where the question offers it. Kind `many` may have none."""

    question: str
    options: list[str] | None = None
    unsure: bool = False

    @classmethod
    def of(cls, raw: RawAnswer) -> SaidAnswer:
        """The same answer, as a body has it."""
        options = None if raw.options is None else list(raw.options)
        return cls(question=raw.question, options=options, unsure=raw.unsure)

    def raw(self) -> RawAnswer:
        """What it says, not yet read against an edition."""
        return RawAnswer(self.question, None if self.options is None else tuple(self.options), self.unsure)


class GuidanceRequest(RequestBody):
    """A household: why it comes, and what it has said so far. Nothing of it is stored."""

    life_events: Annotated[list[str], Field(json_schema_extra={"minItems": 1})]
    answers: list[SaidAnswer] = []
    dates: dict[str, str] | None = Field(
        default=None,
        description="The day of each chosen life event, `YYYY-MM-DD`; deadlines are counted from it.",
    )
    edition: EditionNumber | None = None

    def raw(self) -> RawQuery:
        """What it says, not yet read against an edition."""
        return RawQuery(tuple(self.life_events), tuple(answer.raw() for answer in self.answers), self.dates or {})


class WhyRequest(GuidanceRequest):
    """A household, and the procedure that it asks about."""

    procedure: str


_REFUSALS = {
    Why.UNKNOWN_LIFE_EVENT: "この版にないライフイベントです。",
    Why.UNKNOWN_QUESTION: "この版にない質問です。",
    Why.REPEATED: "同じ質問に2回答えています。1つにしてください。",
    Why.UNSURE_WITH_OPTIONS: "選択肢か「わからない」の一方にしてください。",
    Why.UNSURE_NOT_OFFERED: "この質問では「わからない」を選べません。",
    Why.MALFORMED: "選択肢（options）か「わからない」（unsure）が必要です。",
    Why.UNKNOWN_OPTION: "この質問の選択肢ではありません。",
    Why.NONE_CHOSEN: "選択肢を1つ選んでください。",
    Why.SEVERAL_CHOSEN: "選択肢は1つだけにしてください。",
    Why.DATE_WITHOUT_LIFE_EVENT: "選ばれていないライフイベントの日付です。",
    Why.NO_DATE: "日付は実在する日を YYYY-MM-DD で書いてください。",
}


def read_strictly(raw: RawQuery, outline: Outline) -> Query:
    """The query read on this outline; InvalidRequest names the first thing that is not possible.

    Answers to moot questions are no error: they count for nothing and are dropped.
    """
    if not raw.life_events:
        raise InvalidRequest("ライフイベントを1つ以上選んでください。", where="/life_events")
    query = read(raw, outline)
    for dropped in query.dropped:
        if dropped.why is not Why.MOOT:
            raise InvalidRequest(_REFUSALS[dropped.why], where=dropped.where)
    return query
