"""What a resident said, read from a request of the API.

The API does not forgive as pages do: the first thing that is not known or not possible is an error that names it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Protocol

from service.content.models import Answer, Outline
from service.errors import InvalidRequest
from service.guidance.answers import (
    UNSURE,
    Asked,
    Dropped,
    Index,
    Query,
    Refusal,
    indexed,
    known_events,
    parse_day,
    without_moot,
)


class GivenAnswer(Protocol):
    """One answer of an API request: options, or unsure."""

    @property
    def question(self) -> str: ...
    @property
    def options(self) -> Sequence[str] | None: ...
    @property
    def unsure(self) -> bool: ...


class GivenRequest(Protocol):
    """What an API request says about a household."""

    @property
    def life_events(self) -> Sequence[str]: ...
    @property
    def answers(self) -> Sequence[GivenAnswer]: ...
    @property
    def dates(self) -> Mapping[str, str] | None: ...


def read_request(body: GivenRequest, outline: Outline) -> Query:
    """The query that an API request makes; InvalidRequest names the first thing that is not possible.

    Answers to moot questions are no error: they count for nothing and are dropped.
    """
    index = indexed(outline)
    if not body.life_events:
        raise InvalidRequest("ライフイベントを1つ以上選んでください。", where="/life_events")
    for number, key in enumerate(body.life_events):
        if key not in index.events:
            raise InvalidRequest("この版にないライフイベントです。", where=f"/life_events/{number}")
    events = known_events(index, dict.fromkeys(body.life_events), dropped=[])
    dropped: list[Dropped] = []
    answers = without_moot(index, _requested_answers(index, body.answers), dropped=dropped)
    return Query(events, answers, _requested_dates(body.dates or {}, events), None, tuple(dropped))


def _requested_answers(index: Index, given: Sequence[GivenAnswer]) -> dict[str, Answer]:
    answered: dict[str, Answer] = {}
    for number, answer in enumerate(given):
        where = f"/answers/{number}"
        asked = index.questions.get(answer.question)
        if asked is None:
            raise InvalidRequest("この版にない質問です。", where=f"{where}/question")
        if answer.question in answered:
            raise InvalidRequest("同じ質問に2回答えています。1つにしてください。", where=f"{where}/question")
        answered[answer.question] = _requested_answer(asked, answer, where=where)
    return dict(sorted(answered.items()))


def _requested_answer(asked: Asked, answer: GivenAnswer, *, where: str) -> Answer:
    if answer.unsure:
        if answer.options is not None:
            raise InvalidRequest("選択肢か「わからない」の一方にしてください。", where=f"{where}/unsure")
        if not asked.unsure:
            raise InvalidRequest("この質問では「わからない」を選べません。", where=f"{where}/unsure")
        return asked.ready[UNSURE]
    if answer.options is None:
        raise InvalidRequest("選択肢（options）か「わからない」（unsure）が必要です。", where=where)
    if not asked.many and len(answer.options) > 1:
        raise InvalidRequest("選択肢は1つだけにしてください。", where=f"{where}/options")
    try:
        return asked.choose(answer.options)
    except Refusal as refusal:
        if refusal.option is None:
            raise InvalidRequest("選択肢を1つ選んでください。", where=f"{where}/options") from None
        place = f"{where}/options/{refusal.option}"
        raise InvalidRequest("この質問の選択肢ではありません。", where=place) from None


def _requested_dates(given: Mapping[str, str], events: tuple[str, ...]) -> dict[str, date]:
    dates: dict[str, date] = {}
    for key, text in given.items():
        where = "/dates/" + key.replace("~", "~0").replace("/", "~1")
        if key not in events:
            raise InvalidRequest("選ばれていないライフイベントの日付です。", where=where)
        day = parse_day(text)
        if day is None:
            raise InvalidRequest("日付は実在する日を YYYY-MM-DD で書いてください。", where=where)
        dates[key] = day
    return {key: dates[key] for key in events if key in dates}
