"""The desk: what staff do to editions, for the API and the commands alike: one request in, one told answer out."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from service import clock
from service.accounts.permissions import Actor
from service.analysis import checks
from service.content import patches
from service.content.models import KIND_OF_LIST, Edition
from service.content.patches import Item
from service.diff_text import differences
from service.diff_text import history as history_text
from service.editions import archive, drafts, edits, history, messages, publishing, scenarios
from service.editions.edits import Saved
from service.editions.messages import (
    ItemChange,
    Merging,
    NewDraft,
    Publication,
    Reason,
    Reverting,
    ToldEdition,
    ToldEntry,
    ToldFinding,
    ToldReview,
    ToldSave,
    ToldScenario,
)
from service.editions.reviews import Reviewer
from service.errors import InvalidRequest, NotFound
from service.store import editions
from service.store.graph import Graph

LAST_YEAR = 9_000


@dataclass(slots=True)
class Desk:
    """Where staff work; errors are those of the functions it calls, all of them of one family."""

    graph: Graph
    second_person: bool = False
    archive_after: timedelta = archive.TWO_YEARS
    reviewer: Reviewer = field(init=False)

    def __post_init__(self) -> None:
        self.reviewer = Reviewer(self.graph)

    async def editions(self) -> list[ToldEdition]:
        """Every edition, the newest first."""
        live, now = await editions.live(self.graph.latest), clock.now()
        return [messages.edition(one, live=live, now=now) for one in await editions.shown(self.graph.latest)]

    async def edition(self, number: int) -> ToldEdition:
        """One edition."""
        return await self._told(await editions.numbered(self.graph.latest, number))

    async def number(self, named: str) -> int:
        """The number that `live` or a number in digits names."""
        if named.isascii() and named.isdecimal() and 0 < int(named[:19]) < 2**53:
            return int(named)
        if named != "live":
            raise InvalidRequest(f"「{named[:40]}」は版の番号ではありません。番号か live を書いてください。")
        live = await editions.live(self.graph.latest)
        if live is None:
            raise NotFound("公開中の版がありません。")
        return live.number

    async def _told(self, one: Edition) -> ToldEdition:
        return messages.edition(one, live=await editions.live(self.graph.latest), now=clock.now())

    async def _saved(self, saved: Saved) -> ToldSave:
        return messages.save(saved, live=await editions.live(self.graph.latest), now=clock.now())

    async def fork(self, wanted: NewDraft, *, by: Actor) -> ToldEdition:
        """A new draft."""
        return await self._told(await drafts.fork(self.graph, wanted.of, title=wanted.title, by=by))

    async def change(self, number: int, wanted: ItemChange, *, by: Actor) -> ToldSave:
        """One save of a draft."""
        saved = await edits.change(
            self.graph,
            number,
            by=by,
            put=_items(wanted.put),
            remove=wanted.remove,
            revisions=wanted.revisions,
            detach=wanted.detach,
            note=wanted.note,
        )
        return await self._saved(saved)

    async def item(self, number: int, key: str) -> dict[str, Any]:
        """An item of an edition as in the content document, with its `kind` and the `revision` to save it from."""
        edition = await editions.numbered(self.graph.latest, number)
        if edition.archived:
            found, revision = (await archive.items(self.graph, number)).get(key), None
        else:
            found, revision = await edits.item(self.graph.latest, number, key=key)
        if found is None:
            raise NotFound(f"「{key[:100]}」は、第{number}版にありません。", where="/key")
        return {"kind": found.kind.value, "revision": revision, "item": found.fields}

    async def revert(self, number: int, wanted: Reverting, *, by: Actor) -> ToldSave:
        """A change taken back, or an item restored."""
        if wanted.key is None:
            saved = await edits.take_back(self.graph, number, seq=wanted.seq, by=by, note=wanted.note)
        else:
            saved = await edits.restore(
                self.graph, number, key=wanted.key, seq=wanted.seq, by=by, detach=wanted.detach, note=wanted.note
            )
        return await self._saved(saved)

    async def merge(self, number: int, wanted: Merging, *, by: Actor) -> ToldSave:
        """What was published meanwhile, brought into a draft."""
        saved = await drafts.merge(
            self.graph,
            number,
            onto=wanted.onto,
            decided=wanted.decided,
            revision=wanted.revision,
            by=by,
            note=wanted.note,
        )
        return await self._saved(saved)

    async def discard(self, number: int, *, by: Actor, note: str | None = None) -> ToldEdition:
        """A draft given up."""
        return await self._told(await drafts.discard(self.graph, number, by=by, note=note))

    async def findings(self, number: int) -> list[ToldFinding]:
        """What is wrong with an edition, blocking findings first."""
        return [messages.finding(one) for one in await checks.findings(self.graph, number)]

    async def scenarios(self, number: int) -> list[ToldScenario]:
        """Every scenario of an edition, red or green."""
        return [messages.scenario(one) for one in await scenarios.run(self.graph, number)]

    async def review(self, old: int, new: int) -> ToldReview:
        """Two editions compared."""
        review = await self.reviewer.review(old, new)
        return messages.review(review, live=await editions.live(self.graph.latest), now=clock.now())

    async def publish(self, number: int, wanted: Publication, *, by: Actor) -> ToldEdition:
        """A draft published, now or at a set time."""
        done = await publishing.publish(
            self.graph,
            number,
            by=by,
            seen=wanted.seen,
            at=_moment(wanted.at),
            note=wanted.note,
            decided=wanted.decided,
            second_person=self.second_person,
        )
        return await self._told(done)

    async def withdraw(self, number: int, wanted: Reason, *, by: Actor) -> ToldEdition:
        """A schedule cancelled; the draft that keeps its content."""
        done = await publishing.withdraw(self.graph, number, by=by, note=wanted.note, decided=wanted.decided)
        return await self._told(done)

    async def roll_back(self, to: int, wanted: Reason, *, by: Actor) -> ToldEdition:
        """A copy of an earlier edition, live."""
        done = await publishing.roll_back(self.graph, to, by=by, reason=wanted.note or "", decided=wanted.decided)
        return await self._told(done)

    async def archive(self, number: int, *, by: Actor) -> ToldEdition:
        """An edition moved out of the graph."""
        return await self._told(await archive.archive(self.graph, number, by=by))

    async def bring_back(self, number: int, *, by: Actor) -> ToldEdition:
        """An archived edition moved back into the graph."""
        return await self._told(await archive.bring_back(self.graph, number, by=by))

    async def history(self, wanted: history.Filter, *, before: int | None = None, most: int = 50) -> list[ToldEntry]:
        """The changes that are wanted, told, the newest first."""
        changes = await history.page(self.graph.latest, wanted, before=before, most=most)
        around = await self.around()
        return [messages.entry(change, around) for change in changes]

    async def around(self) -> history_text.Around:
        """What the sentences of the history name."""
        live = await editions.live(self.graph.latest)
        items = (await self.reviewer.content(live))[1] if live else {}
        known = {one.number: one for one in await editions.shown(self.graph.latest)}
        return history_text.Around(names=differences.names(items), editions=known, today=clock.today())


def _moment(at: datetime | None) -> datetime | None:
    if at is not None and at.tzinfo is None:
        raise InvalidRequest("時刻には時差（+09:00 など）を付けてください。", where="/at")
    if at is not None and at.year > LAST_YEAR:
        raise InvalidRequest(f"公開できるのは{LAST_YEAR}年までです。", where="/at")
    return at


def _items(lists: dict[str, list[dict[str, Any]]]) -> list[Item]:
    """The items of the lists of a content document. Errors: InvalidRequest for an unknown list or a missing key."""
    found: list[Item] = []
    for name, items in lists.items():
        if name not in KIND_OF_LIST:
            raise InvalidRequest(f"「{name[:40]}」という項目の一覧はありません。", where="/put")
        for index, fields in enumerate(items):
            if not isinstance(fields.get("key"), str):
                raise InvalidRequest("項目に key がありません。", where=f"/put/{name}/{index}")
            found.append(patches.Item(KIND_OF_LIST[name], fields))
    return found
