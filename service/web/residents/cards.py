"""The cards of a result, each rendered once for everybody with the same reasons and days."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from fastapi import Request
from markupsafe import Markup

from service.caching import Cache, Part
from service.content.models import Listed
from service.guidance import cards
from service.guidance.cards import Card, Groups
from service.guidance.service import Advice
from service.web import previews, rendering

CardCache = Part[Card, Markup]


def card_cache(cache: Cache) -> CardCache:
    """The place of rendered cards in a cache."""
    return cache.part(lambda html: 200 + 4 * len(html))


def cache_of(request: Request) -> CardCache:
    """Where rendered cards are kept; those of a preview nowhere."""
    cache: CardCache = request.app.state.cards
    return card_cache(Cache(0)) if previews.found(request) else cache


def grouped(advice: Advice, *, today: date) -> Groups:
    """The cards of the groups, in order, those that another one settles under that one."""

    def cards_of(listed: Iterable[Listed]) -> tuple[Card, ...]:
        return tuple(
            cards.card(
                procedure,
                cards.facts(procedure.procedure, advice.details),
                items=advice.details,
                counted=advice.dues.get(procedure.procedure),
                today=today,
                turn=advice.turns[procedure.procedure],
            )
            for procedure in listed
            if procedure.procedure in advice.details.procedures
        )

    return cards.settled_together(
        Groups(
            must=cards_of(advice.must),
            gain=cards_of(advice.gain),
            maybe=cards_of(advice.maybe),
            no_action=cards_of(advice.no_action),
        )
    )


def rendered(cards: Iterable[Card], cache: CardCache) -> dict[str, Markup]:
    """The cards as HTML by key, from the cache or rendered now."""
    return {card.key: _rendered(card, cache) for card in cards}


def _rendered(card: Card, cache: CardCache) -> Markup:
    html = cache.get(card)
    if html is None:
        html = rendering.render_part(card)
        cache.put(card, html)
    return html
