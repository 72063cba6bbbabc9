"""A query changed: an answer replaced or taken back, all of it carried over to another edition."""

from __future__ import annotations

from dataclasses import dataclass, replace

from service.content.models import Answer, Outline, Question
from service.guidance.answers import Dropped, Index, Query, Why, drop, indexed, known_events, without_moot


@dataclass(frozen=True, slots=True)
class Replay:
    """A query carried over to another edition, and what could not be carried over."""

    query: Query
    changes: tuple[Dropped, ...]


def with_answer(query: Query, answer: Answer, *, outline: Outline) -> Query:
    """The query with this answer in place of an earlier one; what it makes moot is dropped and recorded."""
    answered = {given.question: given for given in (*query.answers, answer)}
    dropped = list(query.dropped)
    kept = without_moot(indexed(outline), dict(sorted(answered.items())), dropped=dropped)
    return replace(query, answers=kept, dropped=tuple(dropped))


def without(query: Query, question: str, *, outline: Outline) -> tuple[Query, tuple[Answer, ...]]:
    """The query with the answer to this question and all answers below it taken back, and those answers."""
    below = _below(indexed(outline), question)
    kept = tuple(answer for answer in query.answers if answer.question not in below)
    taken = tuple(answer for answer in query.answers if answer.question in below)
    return replace(query, answers=kept), taken


def _below(index: Index, question: str) -> set[str]:
    """The question itself and all that follow it, however far down."""
    found, waiting = {question}, [question]
    while waiting:
        fresh = [child for child in index.children.get(waiting.pop(), ()) if child not in found]
        found.update(fresh)
        waiting += fresh
    return found


def replay(query: Query, old: Outline, *, new: Outline) -> Replay:
    """The query, read on the `old` outline, on the `new` one; what changed under an answer drops it.

    An answer goes when its question or a chosen option is gone, or when the question's text or kind or a
    chosen label changed. NotFound when no life event is left.
    """
    index = indexed(new)
    changes = [drop(key, Why.LIFE_EVENT_GONE) for key in query.life_events if key not in index.events]
    events = known_events(index, dict.fromkeys(query.life_events), dropped=[])
    answered: dict[str, Answer] = {}
    for answer in query.answers:
        why = _outdated(answer, old=old.questions.get(answer.question), new=new)
        if why is None:
            answered[answer.question] = _choose_again(index, answer)
        else:
            changes.append(drop(answer.question, why, question=answer.question))
    answers = without_moot(index, answered, dropped=changes)
    dates = {key: day for key, day in query.dates.items() if key in events and index.events[key].date_label}
    return Replay(
        replace(query, life_events=events, answers=answers, dates=dates, from_edition=new.edition),
        tuple(changes),
    )


def _choose_again(index: Index, answer: Answer) -> Answer:
    """The same answer in the option order of another edition."""
    return answer if answer.unsure else index.questions[answer.question].choose(answer.options)


def _outdated(answer: Answer, *, old: Question | None, new: Outline) -> Why | None:
    now = new.questions.get(answer.question)
    if now is None or old is None:
        return Why.QUESTION_GONE
    if now.text != old.text:
        return Why.QUESTION_CHANGED
    if now.kind != old.kind:
        return Why.KIND_CHANGED
    if answer.unsure:
        return None if now.unsure else Why.UNSURE_NOT_OFFERED
    before = {option.key: option.label for option in old.options}
    after = {option.key: option.label for option in now.options}
    if any(option not in after for option in answer.options):
        return Why.OPTION_GONE
    if any(after[option] != before.get(option) for option in answer.options):
        return Why.LABEL_CHANGED
    return None
