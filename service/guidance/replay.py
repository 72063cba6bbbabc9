"""A query changed: an answer replaced, or all of it carried over to another edition."""

from __future__ import annotations

from dataclasses import dataclass, replace

from service.content.models import Answer, Outline, Question
from service.guidance.answers import (
    Dropped,
    Query,
    RawQuery,
    Why,
    drop,
    indexed,
    raw_answer,
    read,
    require_life_event,
    without_moot,
)


@dataclass(frozen=True, slots=True)
class Replay:
    """A query carried over to another edition, and what could not be carried over."""

    query: Query
    changes: tuple[Dropped, ...]


def with_answer(query: Query, answer: Answer, *, outline: Outline) -> Query:
    """The query with this answer in place of an earlier one; what it makes moot is dropped and recorded."""
    answered = {given_answer.question: given_answer for given_answer in (*query.answers, answer)}
    dropped = list(query.dropped)
    counted = without_moot(indexed(outline), dict(sorted(answered.items())), dropped=dropped)
    return replace(query, answers=counted, dropped=tuple(dropped))


def replay(query: Query, old: Outline, *, new: Outline) -> Replay:
    """The query, read on the `old` outline, on the `new` one; what changed under an answer drops it.

    An answer goes when its question or a chosen option is gone, or when the question's text or kind or a
    chosen label changed. The name of the edition is the caller's to give. NotFound when no life event is left.
    """
    outdated = {
        answer.question: _outdated(answer, old_question=old.questions.get(answer.question), new=new)
        for answer in query.answers
    }
    kept_answers = tuple(raw_answer(answer) for answer in query.answers if outdated[answer.question] is None)
    carried = require_life_event(read(RawQuery(query.life_events, kept_answers), new))
    changes = [drop(key, Why.LIFE_EVENT_GONE) for key in query.life_events if key not in new.life_events]
    changes += (drop(question, why, question=question) for question, why in outdated.items() if why)
    changes += (dropped for dropped in carried.dropped if dropped.why is Why.MOOT)
    dates = {
        key: day
        for key, day in query.dates.items()
        if key in new.life_events and new.life_events[key].date_label is not None
    }
    return Replay(
        replace(query, life_events=carried.life_events, answers=carried.answers, dates=dates, from_edition=None),
        tuple(changes),
    )


def _outdated(answer: Answer, *, old_question: Question | None, new: Outline) -> Why | None:
    new_question = new.questions.get(answer.question)
    if new_question is None or old_question is None:
        return Why.QUESTION_GONE
    if new_question.text != old_question.text:
        return Why.QUESTION_CHANGED
    if new_question.kind != old_question.kind:
        return Why.KIND_CHANGED
    if answer.unsure:
        return None if new_question.unsure else Why.UNSURE_NOT_OFFERED
    before = {option.key: option.label for option in old_question.options}
    after = {option.key: option.label for option in new_question.options}
    if any(option not in after for option in answer.options):
        return Why.OPTION_GONE
    if any(after[option] != before.get(option) for option in answer.options):
        return Why.LABEL_CHANGED
    return None
