"""Forms without JavaScript: what a submitted question or date form says, and the query that it makes.

A form is sent by GET: the fields of `answers.fields` hidden, and beside them `q` the question's key;
`o` once for each ticked option, named as in addresses, `?` for unsure, `-` for none of them; and `date-K-y`,
`date-K-m`, `date-K-d` for the day of the life event K. The page then goes on to the address that
`answers.write_address` gives of the query, once an unlikely day was asked about.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from enum import StrEnum

from service.content.models import Answer, Outline, Question
from service.guidance.answers import UNSURE, Query, RawAnswer, Refusal, Why, read_address, read_answer
from service.guidance.replay import with_answer
from service.guidance.typed_days import DateProblem, Doubt, TypedDay, doubt, read_day

NONE = "-"

SURE = "sure"
"""The field that names a day which the resident was asked about already, as an address does: `K:YYYY-MM-DD`."""

_DATE_FIELD = re.compile(r"date-(.+)-([ymd])", re.DOTALL)


class AnswerProblem(StrEnum):
    """Why a submitted answer is not possible; the words for it are the template's."""

    NOTHING_CHOSEN = "nothing_chosen"
    NONE_WITH_OTHERS = "none_with_others"
    UNSURE_WITH_OTHERS = "unsure_with_others"
    SEVERAL_CHOSEN = "several_chosen"
    NOT_OFFERED = "not_offered"


@dataclass(frozen=True, slots=True)
class Submission:
    """What a form said. Where something is not possible, the query is the one from before, without that part.

    `doubts` are the days to be asked about, which the query has. `chosen` are the ticked values as sent, `typed` the
    days as typed; both only to fill the form again. `moot` are the earlier answers that the new one makes moot.
    """

    query: Query
    question: str | None = None
    error: AnswerProblem | None = None
    chosen: tuple[str, ...] = ()
    date_errors: Mapping[str, DateProblem] = field(default_factory=dict)
    typed: Mapping[str, TypedDay] = field(default_factory=dict)
    doubts: Mapping[str, Doubt] = field(default_factory=dict)
    moot: tuple[Answer, ...] = ()

    @property
    def accepted(self) -> bool:
        """Whether the page may go on to the address of the query."""
        return self.error is None and not self.date_errors and not self.doubts


def is_form(params: Sequence[tuple[str, str]]) -> bool:
    """Whether an address carries form fields and is to be answered by its canonical one."""
    return any(name in {"q", "o"} or name.startswith("date-") for name, _ in params)


def submitted(params: Sequence[tuple[str, str]], outline: Outline) -> Submission:
    """What a form said, read on this outline; a question that it does not have is ignored.

    NotFound without a life event of this outline.
    """
    query = read_address(params, outline)
    typed = _typed_days(params, query=query, outline=outline)
    query, date_errors = _with_days(query, typed)
    sure = {value for name, value in params if name == SURE}
    doubts = {
        key: found
        for key, day in query.dates.items()
        if key in typed and f"{key}:{day.isoformat()}" not in sure and (found := doubt(day, outline.life_events[key]))
    }
    question = outline.questions.get(next((value for name, value in reversed(params) if name == "q"), ""))
    if question is None:
        return Submission(query, date_errors=date_errors, typed=typed, doubts=doubts)
    chosen = tuple(dict.fromkeys(value for name, value in params if name == "o"))
    answer = read_choice(question, chosen, outline=outline)
    if not isinstance(answer, Answer):
        return Submission(query, question.key, answer, chosen, date_errors, typed, doubts)
    changed = with_answer(query, answer, outline=outline)
    counted_questions = {answer.question for answer in changed.answers}
    moot = tuple(answer for answer in query.answers if answer.question not in counted_questions)
    return Submission(changed, question.key, None, chosen, date_errors, typed, doubts, moot)


def read_choice(question: Question, chosen: Sequence[str], *, outline: Outline) -> Answer | AnswerProblem:
    """The answer that these ticked values make, or why they make none."""
    if not chosen:
        return AnswerProblem.NOTHING_CHOSEN
    if len(chosen) > 1 and UNSURE in chosen:
        return AnswerProblem.UNSURE_WITH_OTHERS
    if len(chosen) > 1 and NONE in chosen:
        return AnswerProblem.NONE_WITH_OTHERS
    try:
        return read_answer(_raw_choice(question.key, chosen), outline)
    except Refusal as refusal:
        several = refusal.why is Why.SEVERAL_CHOSEN
        return AnswerProblem.SEVERAL_CHOSEN if several else AnswerProblem.NOT_OFFERED


def _raw_choice(question: str, chosen: Sequence[str]) -> RawAnswer:
    if UNSURE in chosen:
        return RawAnswer(question, unsure=True)
    return RawAnswer(question, () if NONE in chosen else tuple(f"{question}/{value}" for value in chosen))


def _typed_days(params: Sequence[tuple[str, str]], *, query: Query, outline: Outline) -> dict[str, TypedDay]:
    """The days typed for the chosen life events that have one."""
    parts: dict[str, dict[str, str]] = {}
    for name, value in params:
        match = _DATE_FIELD.fullmatch(name)
        if match:
            parts.setdefault(match[1], {})[match[2]] = value[:20]
    return {
        key: TypedDay(parts[key].get("y", ""), parts[key].get("m", ""), parts[key].get("d", ""))
        for key in query.life_events
        if key in parts and outline.life_events[key].date_label is not None
    }


def _with_days(query: Query, typed: Mapping[str, TypedDay]) -> tuple[Query, dict[str, DateProblem]]:
    """The query with the typed days in place of earlier ones: an emptied field takes its day back."""
    dates = {key: day for key, day in query.dates.items() if key not in typed}
    problems: dict[str, DateProblem] = {}
    for key, fields in typed.items():
        day = read_day(fields)
        if isinstance(day, date):
            dates[key] = day
        elif day is not None:
            problems[key] = day
    return replace(query, dates={key: dates[key] for key in query.life_events if key in dates}), problems
