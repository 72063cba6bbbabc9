"""Results: the cards of an advice, each rendered once for everybody with the same reasons and days."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from markupsafe import Markup

from service.caching import Cache, Part
from service.content.models import Edition, Listed
from service.guidance import cards
from service.guidance.cards import Card, Groups
from service.guidance.service import Advice
from service.web import rendering
from service.web.residents.layout import Notice, address, dropped_notes

CardCache = Part[Card, Markup]


def card_cache(cache: Cache) -> CardCache:
    """The place of rendered cards in a cache."""
    return cache.part(lambda html: 200 + 4 * len(html))


def groups(advice: Advice, *, today: date) -> Groups:
    """The cards of the three groups, in order."""

    def made(listed: Iterable[Listed]) -> tuple[Card, ...]:
        return tuple(
            cards.card(
                one,
                cards.facts(one.procedure, advice.details),
                items=advice.details,
                counted=advice.dues.get(one.procedure),
                today=today,
            )
            for one in listed
            if one.procedure in advice.details.procedures
        )

    return Groups(must=made(advice.must), gain=made(advice.gain), maybe=made(advice.maybe))


def rendered(found: Groups, cache: CardCache) -> dict[Card, Markup]:
    """Every card as HTML, from the cache or rendered now."""
    made: dict[Card, Markup] = {}
    for card in found.all:
        html = cache.get(card)
        if html is None:
            html = rendering.render_part(card)
            cache.put(card, html)
        made[card] = html
    return made


def notice(advice: Advice) -> Notice | None:
    """What the resident has to know before the list, the gravest first; None where nothing is unusual."""
    visit = advice.visit
    if visit.archived is not None:
        return _of_archived(advice, visit.archived)
    if advice.stale:
        return Notice("stale", made_at=advice.given.at)
    if visit.newer:
        published = visit.edition.published_at
        return Notice(
            "newer",
            edition=visit.edition.number,
            published=published.date() if published else None,
            url=address("/guide", visit.query),
            dropped=dropped_notes(visit.changes, visit.outline),
            gone=advice.gone,
            added=advice.added,
        )
    if visit.query.dropped:
        return Notice("dropped", dropped=dropped_notes(visit.query.dropped, visit.outline))
    return None


def _of_archived(advice: Advice, printed: Edition) -> Notice:
    """That the code is of an edition which is not shown any more, and what of its answers does not count today."""
    visit, guidance = advice.visit, advice.given.guidance
    return Notice(
        "archived",
        edition=printed.number,
        published=printed.published_at.date() if printed.published_at else None,
        url=address("/guide", visit.query),
        dropped=dropped_notes(visit.changes, visit.outline),
        left=guidance.questions_left_at_most if guidance.next_question else 0,
    )
