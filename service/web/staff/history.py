"""The pages of the history, and of what was done to one item."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from itertools import groupby
from typing import Annotated, ClassVar

from fastapi import APIRouter, Path, Request
from fastapi.responses import Response

from service import clock
from service.accounts.permissions import OPERATOR
from service.diff_text import history as history_text
from service.diff_text.history import ChangeText
from service.editions import history
from service.editions.history import Filter
from service.errors import NotFound
from service.web.staff import context
from service.web.staff.context import Staff, StaffContext
from service.web.staff.layout import FormPage

router = APIRouter(include_in_schema=False)


AT_ONCE = 50
MOST_KEY = 240
_NAMES = ("edition", "item", "person", "action", "since", "until")
OPERATOR_NAMES = ("運用者", OPERATOR.id)
Key = Annotated[str, Path(max_length=MOST_KEY)]


@dataclass(frozen=True, slots=True)
class TypedFilter:
    """The filters as they were typed, and which of them could not be read."""

    edition: str = ""
    item: str = ""
    person: str = ""
    action: str = ""
    since: str = ""
    until: str = ""
    unread: tuple[str, ...] = ()

    def fields(self) -> dict[str, str]:
        """Those that say something, for the address of the next page."""
        return {name: getattr(self, name) for name in _NAMES if getattr(self, name)}


@dataclass(frozen=True, kw_only=True)
class HistoryPage(FormPage):
    """The changes that are wanted, by day, the newest first; `before` goes on behind the last. `item` is one item's."""

    template: ClassVar[str] = "staff/history.html"
    current: ClassVar[str] = "history"

    wanted: TypedFilter
    days: Sequence[tuple[str, Sequence[ChangeText]]]
    before: int | None
    first: bool
    actions: Sequence[str]
    item: str = ""
    key: str = ""


@router.get("/staff/history")
async def show(request: Request, actor: Staff) -> Response:
    """What was done, in sentences."""
    return context.respond(await history_page(context.visit(request, actor), dict(request.query_params)))


@router.get("/staff/items/{key:path}/history")
async def show_item(request: Request, key: Key, actor: Staff) -> Response:
    """What was done to one item, in whatever edition."""
    return context.respond(await history_page(context.visit(request, actor), dict(request.query_params), key=key))


def read(parameters: Mapping[str, str], people: Mapping[str, str] | None = None) -> tuple[TypedFilter, Filter]:
    """The filters of an address; those that cannot be read do not count, and are named. The days are Japan's.

    `people` are the names of persons by id.
    """
    edition, item, person, action, since_day, until_day = (parameters.get(name, "").strip() for name in _NAMES)
    typed = TypedFilter(edition, item, person, action, since_day, until_day)
    unread: list[str] = []
    number = context.number(typed.edition)
    if typed.edition and number is None:
        unread.append("版")
    since, until = _day(typed.since, unread, "この日から"), _day(typed.until, unread, "この日まで")
    if typed.action and typed.action not in history_text.ACTIONS:
        unread.append("したこと")
    for value, name in ((typed.item, "項目のキー"), (typed.person, "人")):
        if len(value) > MOST_KEY:
            unread.append(name)
    wanted = Filter(
        edition=number,
        key=typed.item if 0 < len(typed.item) <= MOST_KEY else None,
        by=_person(typed.person, people or {}),
        action=typed.action if typed.action in history_text.ACTIONS else None,
        since=since,
        until=until + timedelta(days=1) if until else None,
    )
    return replace(typed, unread=tuple(unread)), wanted


def _person(typed: str, people: Mapping[str, str]) -> str | None:
    """The id of the person that is named, by name or by id."""
    if typed in OPERATOR_NAMES:
        return OPERATOR.id
    called = next((id for id, name in people.items() if name == " ".join(typed.split())), None)
    if called is not None:
        return called
    return typed if 0 < len(typed) <= MOST_KEY else None


def _day(typed: str, unread: list[str], name: str) -> datetime | None:
    if not typed:
        return None
    try:
        day = date.fromisoformat(typed)
        if not 1900 <= day.year <= 9000:
            raise ValueError
    except ValueError:
        unread.append(name)
        return None
    return datetime.combine(day, time(), clock.TOKYO)


async def history_page(visit: StaffContext, parameters: Mapping[str, str], *, key: str = "") -> HistoryPage:
    """The page of the history; of one item with its `key`. Errors: NotFound for an item that nothing ever touched."""
    around = await visit.around()
    typed, wanted = read({**parameters, "item": key} if key else parameters, around.people)
    before = context.number(parameters.get("before", ""))
    changes = await history.page(visit.graph.latest, wanted, before=before, most=AT_ONCE + 1)
    if key and not changes and before is None:
        raise NotFound(f"「{key[:100]}」に何かした記録はありません。")
    sentences = [history_text.told(change, around) for change in changes[:AT_ONCE]]
    return HistoryPage(
        frame=visit.frame,
        wanted=typed,
        before=sentences[-1].seq if len(changes) > AT_ONCE else None,
        first=before is None,
        days=[
            (day, list(same))
            for day, same in groupby(sentences, lambda change: f"{change.day}（{_weekday(change.at)}）")
        ],
        actions=history_text.ACTIONS,
        key=key,
        item=_called(sentences, key, around.names) if key else "",
    )


def _weekday(at: datetime) -> str:
    return "月火水木金土日"[at.weekday()]


def _called(sentences: Sequence[ChangeText], key: str, names: Mapping[str, str]) -> str:
    names_then = (difference.name for change in sentences for difference in change.differences if difference.key == key)
    return names.get(key) or next(names_then, key)
