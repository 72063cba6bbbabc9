"""The one notice under a heading: what residents have to know before they read on."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal

from service.content.models import Edition, Guidance, Outline
from service.guidance.answers import Dropped, Query, Why
from service.guidance.service import Advice, Visit
from service.web.residents.parts import address, called


@dataclass(frozen=True, slots=True)
class DroppedNote:
    """An answer or a day that no longer counts: what the question or the day is called, if it is known, and why."""

    question: str | None
    why: Why


@dataclass(frozen=True, slots=True)
class Notice:
    """A notice (`web/templates/citizen/notices.html` has the words for each kind).

    `unfinished`: `left` questions at most. `newer`: a newer edition went live; the answers that it drops, and the
    procedures that are `gone` from the list and `added` to it. `pinned`: this is an older edition, `url` is today's.
    `archived`: the code is of an older edition that is not shown any more, and this is today's; `left` as above.
    `unknown`: the answers were given on content that is not here; they are to be looked at, `url` is where.
    `stale`: kept since `made_at`, the database does not answer. `dropped`: something in the address does not count.
    """

    kind: Literal["unfinished", "newer", "pinned", "archived", "unknown", "stale", "dropped"]
    url: str | None = None
    left: int = 0
    edition: int | None = None
    published: date | None = None
    made_at: datetime | None = None
    dropped: tuple[DroppedNote, ...] = ()
    gone: tuple[str, ...] = ()
    added: tuple[str, ...] = ()


def dropped_notes(dropped: Iterable[Dropped], outline: Outline) -> tuple[DroppedNote, ...]:
    """What does not count, with what its question or its day is called."""
    return tuple(DroppedNote(_called(drop, outline), drop.why) for drop in dropped)


def _called(drop: Dropped, outline: Outline) -> str | None:
    if drop.why is Why.DATE_WITHOUT_LIFE_EVENT and drop.what in outline.life_events:
        return outline.life_events[drop.what].date_label
    return called(outline.questions[drop.question]) if drop.question in outline.questions else None


def published_on(edition: Edition) -> date | None:
    """The day of publication, None for what is not published."""
    return edition.published_at.date() if edition.published_at else None


def for_question(visit: Visit) -> Notice | None:
    """What does not count of what was said, and whether that is because a newer edition went live."""
    if visit.unknown:
        return of_unknown(visit)
    dropped = dropped_notes((*visit.changes, *visit.query.dropped), visit.outline)
    if not dropped:
        return None
    return Notice("newer" if visit.newer else "dropped", edition=visit.edition.number, dropped=dropped)


def for_result(advice: Advice) -> Notice | None:
    """What the resident has to know before the list, the gravest first; None where nothing is unusual."""
    visit = advice.visit
    if visit.archived is not None:
        return _of_archived(advice, visit.archived)
    if visit.unknown:
        return of_unknown(visit)
    if advice.stale:
        return Notice("stale", made_at=advice.given.at)
    if visit.newer:
        return Notice(
            "newer",
            edition=visit.edition.number,
            published=published_on(visit.edition),
            url=address("/guide", visit.query),
            dropped=dropped_notes((*visit.changes, *visit.query.dropped), visit.outline),
            gone=advice.gone,
            added=advice.added,
        )
    if visit.query.dropped:
        return Notice("dropped", dropped=dropped_notes(visit.query.dropped, visit.outline))
    return None


def for_pinned(advice: Advice, live: Edition) -> Notice | None:
    """What has to be known of a result reopened from paper; None where its edition is the live one."""
    visit = advice.visit
    if visit.archived:
        return for_result(advice)
    if live.number == visit.edition.number:
        return None
    return Notice(
        "pinned",
        url=address("/result", visit.query),
        edition=visit.edition.number,
        published=published_on(visit.edition),
    )


def of_unknown(visit: Visit) -> Notice | None:
    """That the answers were given on content that is not here, so that nobody can say what changed under them."""
    if not visit.unknown:
        return None
    dropped = dropped_notes(visit.query.dropped, visit.outline)
    return Notice("unknown", url=address("/review", visit.query), dropped=dropped)


def _of_archived(advice: Advice, printed: Edition) -> Notice:
    """That the code is of an edition which is not shown any more, and what of its answers does not count today."""
    visit, guidance = advice.visit, advice.given.guidance
    return Notice(
        "archived",
        edition=printed.number,
        published=published_on(printed),
        url=address("/guide", visit.query),
        dropped=dropped_notes(visit.changes, visit.outline),
        left=guidance.questions_left_at_most if guidance.next_question else 0,
    )


def unfinished(guidance: Guidance, query: Query) -> Notice | None:
    """That there are questions left, None where there are none."""
    if guidance.next_question is None:
        return None
    return Notice("unfinished", address("/guide", query), guidance.questions_left_at_most)
