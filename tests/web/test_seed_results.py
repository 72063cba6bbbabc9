"""What random households of the first edition read on their result: what is not confirmed is told once, calmly."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime
from functools import cache
from random import Random

import pytest

from service import clock
from service.caching import Cache
from service.content.basis import is_fact
from service.content.models import Edition, Guidance, Listed, ListedReason, NeededDocument, Outline, Procedure
from service.guidance import cards, deadlines, order
from service.guidance.answers import Query
from service.guidance.cards import Groups
from service.guidance.deadlines import Due, OpeningDays
from service.guidance.municipality import Municipality
from service.guidance.service import Visit
from service.store.catalogue import Details
from service.web import rendering
from service.web.residents.cards import card_cache
from service.web.residents.result import result_page
from tests.evaluation import evaluate
from tests.households import looked_at, random_household
from tests.seed import seed

HOUSEHOLDS = 200
SEED = 20261128
TO_ASK = "窓口で確かめること"
UNCONFIRMED = "要確認"
EDITION = Edition(1, "最初の版", "published", False, datetime(2026, 11, 1), datetime(2026, 11, 1), "0" * 64)
CITY = Municipality(name="見本市", hall="見本市役所", address="見本県見本市1番1号", desk="市民課")


@cache
def _outline() -> Outline:
    content = seed()
    return Outline(1, {one.key: one for one in content.life_events}, {one.key: one for one in content.questions})


@cache
def _details() -> Details:
    content = seed()
    return Details(
        number=1,
        questions={one.key: one for one in content.questions},
        procedures={one.key: one for one in content.procedures},
        windows={one.key: one for one in content.windows},
        documents={one.key: one for one in content.documents},
        laws={one.key: one for one in content.laws},
        earlier={one.key: _earlier(one.key) for one in content.procedures},
    )


@cache
def _earlier(key: str) -> frozenset[str]:
    """All that a procedure follows, however far."""
    own = next(one for one in seed().procedures if one.key == key).follows
    return frozenset((*own, *(before for one in own for before in _earlier(one))))


def _query(rng: Random) -> Query:
    """One or two life events of today, and the answers of a household that knows most of them."""
    content = seed()
    events = tuple(sorted(rng.sample([one.key for one in content.life_events], rng.choice([1, 1, 2]))))
    said = random_household(rng, content, looked_at(content, events))
    return Query(events, tuple(one for one in said if rng.random() < 0.9), dict.fromkeys(events, clock.today()))


def _listed(query: Query) -> list[Listed]:
    labels = {one.key: one.label for one in seed().conditions}
    expected = evaluate(seed(), query.life_events, query.answers).procedures
    return [
        Listed(
            key,
            found.status,
            tuple(NeededDocument(document, status) for document, status in found.documents.items()),
            tuple(ListedReason(row, labels[row], state, waits) for row, state, waits in found.because),
        )
        for key, found in expected.items()
    ]


def _due(procedure: Procedure, query: Query) -> Due | None:
    if procedure.deadline is None or not is_fact(procedure, "deadline"):
        return None
    if procedure.deadline.period is not None:
        return deadlines.of_period(procedure.deadline, clock.today(), OpeningDays())
    return deadlines.due(procedure.deadline, deadlines.event_day(procedure.deadline, query.dates), OpeningDays())


def _groups(query: Query) -> Groups:
    details, listed = _details(), _listed(query)
    counted = {one.procedure: _due(details.procedures[one.procedure], query) for one in listed}
    dues = {key: due for key, due in counted.items() if due is not None}
    turns = order.turns(listed, details.procedures, dues=dues, predecessors=details.earlier, today=clock.today())
    made = (
        tuple(
            cards.card(
                one,
                cards.facts(one.procedure, details),
                items=details,
                counted=dues.get(one.procedure),
                today=clock.today(),
                turn=turns[one.procedure],
            )
            for one in group
        )
        for group in order.ordered(listed, details.procedures, turns=turns, predecessors=details.earlier)
    )
    return cards.settled_together(Groups(*made))


def _households() -> Iterator[tuple[Query, Groups]]:
    rng = Random(SEED)
    for _ in range(HOUSEHOLDS):
        query = _query(rng)
        yield query, _groups(query)


@pytest.fixture(scope="module")
def households() -> list[tuple[Query, Groups]]:
    return list(_households())


def test_no_card_asks_more_than_once(households: list[tuple[Query, Groups]]) -> None:
    rendered = {
        card: rendering.render_part(card) for _, groups in households for card in (*groups.all, *groups.no_action)
    }
    assert any(TO_ASK in html for html in rendered.values()), "the city has something to confirm"
    for card, html in rendered.items():
        assert html.count(TO_ASK) <= 1, card.key
        assert UNCONFIRMED not in html, card.key


def test_the_first_box_asks_nothing(households: list[tuple[Query, Groups]]) -> None:
    pages, boxes = card_cache(Cache(50_000_000)), 0
    for query, groups in households:
        page = result_page(
            CITY,
            Visit(EDITION, _outline(), query),
            guidance=Guidance(1, query.life_events, query.answers, None, 0, ()),
            groups=groups,
            cache=pages,
            code="ABCDEFGH12",
            sheet_url="/sheet",
        )
        html = rendering.render(page)
        assert UNCONFIRMED not in html, query
        box = re.search(r'<section class="first".*?</section>', html, re.DOTALL)
        if box is not None:
            boxes += 1
            assert TO_ASK not in box[0] and "確かめ" not in box[0], query
    assert boxes > HOUSEHOLDS / 2
