"""The pages of the history as plain data: told and filtered, one change in full, one item, and whether it is whole."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from itertools import groupby
from typing import Any, ClassVar

from service import clock
from service.accounts.permissions import OPERATOR
from service.content import patches
from service.content.models import Edition
from service.content.patches import Outdated
from service.diff_text import differences
from service.diff_text import history as history_text
from service.diff_text.history import Told
from service.editions import history, requests
from service.editions.history import Broken, Filter
from service.editions.requests import Reverting
from service.errors import GuideError, InvalidContent, InvalidRequest, NotFound
from service.store import editions
from service.web.staff.context import FormPage, Visit

AT_ONCE = 50
MOST_KEY = 240
_NAMES = ("edition", "item", "person", "action", "since", "until")
OPERATOR_NAMES = ("運用者", OPERATOR.id)


@dataclass(frozen=True, slots=True)
class Wanted:
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

    wanted: Wanted
    days: Sequence[tuple[str, Sequence[Told]]]
    before: int | None
    first: bool
    actions: Sequence[str]
    item: str = ""
    key: str = ""


@dataclass(frozen=True, kw_only=True)
class ChangePage(FormPage):
    """One change in full. `missing` are the problems of a restored item whose ends are gone: they can be left out."""

    template: ClassVar[str] = "staff/change.html"
    current: ClassVar[str] = "history"

    told: Told
    edition: Edition
    drafts: Sequence[Edition]
    chosen: str
    note: str
    keys: Sequence[tuple[str, str, bool, bool]]
    later: Sequence[Told]
    missing: Sequence[str]
    asked: Mapping[str, str]
    digest: str


@dataclass(frozen=True, kw_only=True)
class VerifyPage(FormPage):
    """Whether the chain is whole, or where it breaks first."""

    template: ClassVar[str] = "staff/verify.html"
    current: ClassVar[str] = "history"

    count: int
    broken: Broken | None
    how: str


def read(given: Mapping[str, str]) -> tuple[Wanted, Filter]:
    """The filters of an address; those that cannot be read do not count, and are named. The days are Japan's."""
    edition, item, person, action, since_day, until_day = (given.get(name, "").strip() for name in _NAMES)
    typed = Wanted(edition, item, person, action, since_day, until_day)
    unread: list[str] = []
    number = _number(typed.edition)
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
        by=_person(typed.person),
        action=typed.action if typed.action in history_text.ACTIONS else None,
        since=since,
        until=until + timedelta(days=1) if until else None,
    )
    return replace(typed, unread=tuple(unread)), wanted


def _number(typed: str) -> int | None:
    return int(typed) if typed.isascii() and typed.isdecimal() and len(typed) < 16 else None


def _person(typed: str) -> str | None:
    if typed in OPERATOR_NAMES:
        return OPERATOR.id
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


async def history_page(visit: Visit, given: Mapping[str, str], *, key: str = "") -> HistoryPage:
    """The page of the history; of one item with its `key`. Errors: NotFound for an item that nothing ever touched."""
    typed, wanted = read({**given, "item": key} if key else given)
    before = _number(given.get("before", ""))
    found = await history.page(visit.graph.latest, wanted, before=before, most=AT_ONCE + 1)
    if key and not found and before is None:
        raise NotFound(f"「{key[:100]}」に何かした記録はありません。")
    around = await visit.around()
    told = [history_text.told(one, around) for one in found[:AT_ONCE]]
    return HistoryPage(
        **visit.frame,
        wanted=typed,
        before=told[-1].seq if len(found) > AT_ONCE else None,
        first=before is None,
        days=[(day, list(same)) for day, same in groupby(told, lambda one: f"{one.day}（{_weekday(one.at)}）")],
        actions=history_text.ACTIONS,
        key=key,
        item=_called(told, key, around.names) if key else "",
    )


def _weekday(at: datetime) -> str:
    return "月火水木金土日"[at.weekday()]


def _called(told: Sequence[Told], key: str, names: Mapping[str, str]) -> str:
    found = (one.name for each in told for one in each.differences if one.key == key)
    return names.get(key) or next(found, key)


async def change_page(
    visit: Visit,
    seq: int,
    *,
    given: Mapping[str, str] | None = None,
    refusal: GuideError | None = None,
    done: str = "",
) -> ChangePage:
    """The page of one change; with what was asked for and why it was refused. Errors: NotFound."""
    reads, asked = visit.graph.latest, {"key": "", "side": ""} | dict(given or {})
    change = await history.change(reads, seq)
    edition = await editions.numbered(reads, int(change["edition"]))
    patch = patches.read(change.get("before"), change.get("after"))
    around = await visit.around()
    names = {**differences.names((await visit.reviewer.content(edition))[1]), **around.names}
    around = replace(around, names=names)
    called = differences.names(patch.before, patch.after)
    open_drafts = await editions.drafts(reads)
    return ChangePage(
        **visit.frame,
        refusal=refusal,
        done=done,
        told=history_text.told(change, around),
        edition=edition,
        drafts=open_drafts,
        chosen=asked.get("draft") or _likely(open_drafts, edition.number),
        note=asked.get("note", ""),
        asked=asked,
        missing=_missing(refusal),
        digest=str(change["hash"]),
        keys=[(key, called.get(key, key), key in patch.before, key in patch.after) for key in patch.keys],
        later=await _later(visit, seq, refusal, around) if isinstance(refusal, Outdated) else (),
    )


def _likely(found: Sequence[Edition], number: int) -> str:
    """The draft that the change was made in, if it is still open, else the newest, else a new one."""
    numbers = [one.number for one in found]
    return str(number if number in numbers else numbers[0]) if numbers else "new"


def _missing(refusal: GuideError | None) -> tuple[str, ...]:
    return tuple(one.message for one in refusal.problems) if isinstance(refusal, InvalidContent) else ()


async def _later(visit: Visit, seq: int, refusal: Outdated, around: history_text.Around) -> list[Told]:
    """What was done since to the items that stand in the way."""
    found: dict[int, Any] = {}
    for key in refusal.keys:
        for one in await history.page(visit.graph.latest, Filter(key=key), most=AT_ONCE):
            if one["seq"] > seq:
                found[one["seq"]] = one
    return [history_text.told(found[place], around) for place in sorted(found, reverse=True)]


async def verify_page(visit: Visit) -> VerifyPage:
    """The whole chain read from its beginning: with 100,000 changes that takes seconds."""
    broken = await history.verify(visit.graph)
    newest = await history.page(visit.graph.latest, Filter(), most=1)
    return VerifyPage(
        **visit.frame,
        count=int(newest[0]["seq"]) if newest else 0,
        broken=broken,
        how=history.BREAKS[broken.how] if broken else "",
    )


async def undone(visit: Visit, seq: int, *, given: Mapping[str, str], detach: bool) -> int:
    """Takes a change back in a draft (`key` empty), or restores an item; the number of the draft.

    Errors: those of the service, InvalidRequest where no draft was chosen or nothing would change.
    """
    typed = given.get("draft", "")
    number = _number(typed)
    if number is None and typed != "new":
        raise InvalidRequest("どの下書きで行うかを選んでください。", where="/draft")
    fields = {"seq": seq, "key": given.get("key") or None, "side": given.get("side") or None, "detach": detach}
    wanted = requests.read(Reverting, fields | {"note": given.get("note")})
    saved = await visit.service.revert(number, wanted, by=visit.actor)
    if saved.seq is None:
        raise InvalidRequest("その下書きでは、もうそのとおりになっています。変えるところはありません。", where="/draft")
    return saved.edition.number
