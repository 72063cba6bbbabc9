"""What staff do to editions: one function a command, called by pages, API and command line alike.

Each write takes the request that was made and who made it, and returns what the domain returns; errors are those of the
functions it calls, all of them of one family.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from service import clock
from service.accounts import people
from service.accounts.permissions import OPERATOR, Actor
from service.analysis.findings import Finding
from service.analysis.interview_paths import Moved
from service.content import registry
from service.content.models import Content, Edition
from service.content.patches import Item, Patch
from service.diff_text import differences
from service.diff_text import history as history_text
from service.diff_text.history import ChangeText
from service.diff_text.outcomes import Outcome
from service.editions import (
    archive,
    audit,
    confirming,
    contents,
    drafts,
    edits,
    findings,
    history,
    importing,
    interviews,
    keys,
    layering,
    merge_preview,
    preview_links,
    publishing,
    scenarios,
    trials,
    updating,
)
from service.editions.audit import Verification
from service.editions.confirming import WindowToConfirm
from service.editions.edits import Saved
from service.editions.importing import Imported
from service.editions.interviews import Interviews
from service.editions.layering import Layers
from service.editions.merge_preview import MergePreview
from service.editions.preview_links import Link
from service.editions.publishing import Readiness
from service.editions.requests import (
    LAST_YEAR,
    Confirming,
    ItemChange,
    Merging,
    NewDraft,
    NewEdition,
    NewPreviewLink,
    NewScenario,
    Publication,
    Reason,
    Reverting,
    Updating,
)
from service.editions.reviews import Review, Reviewer
from service.editions.scenarios import KeptScenario
from service.editions.trials import Trial
from service.editions.updating import LawInConflict, UpdatePreview
from service.errors import GuideError, InvalidContent, InvalidRequest, NotFound, Refused
from service.store import editions
from service.store.graph import Graph


@dataclass(slots=True)
class EditionService:
    """Reads and writes of editions; `looks_ahead`: after a save its findings are looked for in the background.

    `law` are the folders with the law of every city that came with this program, the lowest layer first.
    """

    graph: Graph
    second_person: bool = False
    archive_after: timedelta = archive.TWO_YEARS
    looks_ahead: bool = True
    law: tuple[Path, ...] = ()
    reviewer: Reviewer = field(init=False)

    def __post_init__(self) -> None:
        self.reviewer = Reviewer(self.graph)

    async def close(self) -> None:
        """Ends what goes on in the background."""
        await findings.end()

    async def fork(self, request: NewDraft, *, by: Actor) -> Edition:
        """A new draft."""
        return await drafts.fork(self.graph, request.of, title=request.title, by=by)

    async def save(self, number: int, request: ItemChange, *, by: Actor) -> Saved:
        """Items put into a draft and others removed, in one save."""
        saved = await edits.change(
            self.graph,
            number,
            by=by,
            put=await self._items(request.put),
            remove=request.remove,
            revisions=request.revisions,
            detach=request.detach,
            note=request.note,
        )
        return self._looked_at(saved)

    async def revert(self, number: int | None, request: Reverting, *, by: Actor) -> Saved:
        """A change taken back, or an item restored, in a draft; without a number in a new one of the live edition.

        A new draft goes again where that fails or changes nothing.
        """
        if number is not None:
            return self._looked_at(await self._reverted(number, request, by=by))
        draft = await drafts.fork(self.graph, None, title=f"{request.seq}番の変更を直す", by=by)
        try:
            saved = await self._reverted(draft.number, request, by=by)
            if saved.seq is None:
                raise InvalidRequest(
                    "公開中の版は、もうそのとおりになっています。変えるところはありません。", where="/seq"
                )
        except GuideError:
            await drafts.discard(self.graph, draft.number, by=by)
            raise
        return self._looked_at(saved)

    async def _reverted(self, number: int, request: Reverting, *, by: Actor) -> Saved:
        if request.key is None:
            return await edits.take_back(self.graph, number, seq=request.seq, by=by, note=request.note)
        return await edits.restore(
            self.graph,
            number,
            key=request.key,
            seq=request.seq,
            side=request.side,
            by=by,
            detach=request.detach,
            note=request.note,
        )

    async def merge(self, number: int, request: Merging, *, by: Actor) -> Saved:
        """What was published meanwhile, brought into a draft."""
        saved = await drafts.merge(
            self.graph,
            number,
            onto=request.onto,
            decided=request.decided,
            revision=request.revision,
            by=by,
            note=request.note,
        )
        return self._looked_at(saved)

    async def update(
        self, number: int | None, law: Content, request: Updating, *, old: Content | None = None, by: Actor
    ) -> Saved:
        """An amended law brought into a draft; without a number into a new one of the live edition.

        Nothing is made where the live edition lies on that law already, nor where conflicts are not decided.
        """
        if number is not None:
            return self._looked_at(await self._updated(number, law, request, old=old, by=by))
        live = await self.edition(await self.number("live"))
        preview = await updating.preview(self.graph, live.number, law, old=old)
        if not preview.is_new:
            return Saved(live, Patch(), None)
        if left := tuple(conflict for conflict in preview.conflicts if conflict.key not in request.decided):
            raise LawInConflict(left)
        title = request.title or f"全国の内容の更新 {clock.today().isoformat()}"
        draft = await drafts.fork(self.graph, live.number, title=title, by=by)
        try:
            saved = await self._updated(draft.number, law, request, old=old, by=by)
        except GuideError:
            await drafts.discard(self.graph, draft.number, by=by)
            raise
        return self._looked_at(saved)

    async def _updated(self, number: int, law: Content, request: Updating, *, old: Content | None, by: Actor) -> Saved:
        return await updating.update(
            self.graph, number, law, old=old, decided=request.decided, by=by, note=request.note
        )

    async def confirm(self, number: int, request: Confirming, *, by: Actor) -> Saved:
        """What the city has confirmed, in a draft."""
        saved = await confirming.confirm(
            self.graph,
            number,
            by=by,
            window=request.window,
            procedure=request.procedure,
            groups=request.groups,
            seen=request.seen,
            note=request.note,
        )
        return self._looked_at(saved)

    async def keep_scenario(self, number: int, request: NewScenario, *, by: Actor) -> KeptScenario:
        """A household or a printed code, kept as a scenario of a draft."""
        proposal = await scenarios.of_request(self.graph, number, request)
        saved = await edits.change(self.graph, number, by=by, put=[proposal.item], revisions={})
        return KeptScenario(self._looked_at(saved), proposal)

    async def trial(self, number: int, request: ItemChange) -> Trial:
        """What a save would mean for residents; nothing is saved."""
        return await trials.trial(self.graph, number, put=await self._items(request.put), remove=request.remove)

    async def discard(self, number: int, request: Reason, *, by: Actor) -> Edition:
        """A draft given up."""
        return await drafts.discard(self.graph, number, by=by, note=request.note)

    async def publish(self, number: int, request: Publication, *, by: Actor) -> Edition:
        """A draft published, now or at a set time."""
        return await publishing.publish(
            self.graph,
            number,
            by=by,
            seen=request.seen,
            at=_moment(request.at),
            note=request.note,
            decided=request.decided,
            second_person=self.second_person,
        )

    async def withdraw(self, number: int, request: Reason, *, by: Actor) -> Edition:
        """A schedule cancelled; the draft that keeps its content."""
        return await publishing.withdraw(self.graph, number, by=by, note=request.note, decided=request.decided)

    async def roll_back(self, to: int, request: Reason, *, by: Actor) -> Edition:
        """A copy of an earlier edition, live."""
        return await publishing.roll_back(self.graph, to, by=by, reason=request.note or "", decided=request.decided)

    async def archive(self, number: int, *, by: Actor) -> Edition:
        """An edition moved out of the graph."""
        return await archive.archive(self.graph, number, by=by)

    async def archive_due(self, *, by: Actor) -> list[Edition]:
        """Every edition moved out of the graph whose time has come."""
        return await archive.archive_due(self.graph, by=by, older_than=self.archive_after)

    async def bring_back(self, number: int, *, by: Actor) -> Edition:
        """An archived edition moved back into the graph."""
        return await archive.bring_back(self.graph, number, by=by)

    async def import_content(
        self, content: Content, request: NewEdition, *, by: Actor, beneath: Content | None = None
    ) -> Imported:
        """A content document as a new edition, or the equal one that is there already; `beneath`, where it is known, is
        what lies beneath the last of its layers.

        Errors: Refused where it would be public without the second person that the settings ask for.
        """
        if request.publish and self.second_person and by != OPERATOR:
            raise Refused("公開には、もう一人の承認が要る設定です。下書きとして取り込んでください。", where="/publish")
        return await importing.import_content(
            self.graph,
            content,
            publish=request.publish,
            title=request.title,
            by=by,
            decided=request.decided,
            beneath=beneath,
        )

    async def issue_link(self, number: int, request: NewPreviewLink, *, by: Actor) -> str:
        """The token of a new link to the preview of an edition."""
        return await preview_links.issue(self.graph, edition=number, days=request.days, by=by, note=request.note)

    async def revoke_link(self, number: int, link: str, *, by: Actor) -> Link:
        """A link to the preview of an edition, taken back."""
        return await preview_links.revoke(self.graph, link, edition=number, by=by)

    def _looked_at(self, saved: Saved) -> Saved:
        """What was saved, its findings looked for in the background: the next page or call will ask for them."""
        if self.looks_ahead and saved.seq is not None:
            findings.begin_when_calm(self.graph, saved.edition)
        return saved

    async def _items(self, lists: dict[str, list[dict[str, Any]]]) -> list[Item]:
        """The items of the lists of a content document, new ones with a key. Errors: InvalidRequest."""
        items: list[Item] = []
        taken: set[str] = set()
        for name, entries in lists.items():
            kind = registry.current().lists.get(name)
            if kind is None:
                raise InvalidRequest(f"「{name[:40]}」という項目の一覧はありません。", where="/put")
            for index, fields in enumerate(entries):
                item = Item(kind.label, fields)
                items.append(await keys.keyed(self.graph.latest, item, taken=taken, where=f"/put/{name}/{index}"))
        return items

    async def editions(self) -> list[Edition]:
        """Every edition, the newest first."""
        return await editions.shown(self.graph.latest)

    async def edition(self, number: int) -> Edition:
        """One edition."""
        return await editions.numbered(self.graph.latest, number)

    async def due(self) -> list[Edition]:
        """The editions whose time to leave the graph has come."""
        return await archive.due(self.graph, older_than=self.archive_after)

    async def content(self, number: int) -> Content:
        """The whole content of an edition, out of the graph or the archive."""
        return await importing.export(self.graph, str(number))

    async def layers(self, number: int) -> Layers:
        """An edition taken apart: the law beneath it, and the city's own layer."""
        return await layering.apart(self.graph.latest, await editions.numbered(self.graph.latest, number))

    async def shipped_law(self) -> Content:
        """The law of every city that came with this program. Errors: NotFound where none did, InvalidContent."""
        return await asyncio.to_thread(layering.read_law, self.law)

    async def has_new_law(self, edition: Edition) -> bool:
        """Whether another law came with this program than the one that an edition is known to lie on."""
        if edition.beneath is None or not self.law:
            return False
        try:
            return await asyncio.to_thread(layering.hash_of_law, self.law) != edition.beneath
        except InvalidContent:  # whoever brings it in is told what is wrong with it
            return False

    async def update_preview(self, number: int, law: Content, *, old: Content | None = None) -> UpdatePreview:
        """What an amended law would do to an edition."""
        return await updating.preview(self.graph, number, law, old=old)

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

    async def item(self, number: int, key: str) -> dict[str, Any]:
        """An item of an edition as in the content document, with its `kind` and the `revision` to save it from.

        `own` names the fields that are the city's own, and not those of the law beneath the edition.
        """
        edition = await editions.numbered(self.graph.latest, number)
        if edition.archived:
            item, revision = (await archive.items(self.graph, number)).get(key), None
        else:
            item, revision = await edits.item(self.graph.latest, number, key=key)
        if item is None:
            raise NotFound(f"「{key[:100]}」は、第{number}版にありません。", where="/key")
        beneath = await layering.beneath(self.graph.latest, edition)
        own = list(layering.own_fields(beneath, item))
        return {"kind": str(item.kind), "revision": revision, "item": item.fields, "own": own}

    async def findings(self, number: int) -> Sequence[Finding]:
        """What is wrong with an edition, blocking findings first."""
        return await findings.whole(self.graph, await editions.numbered(self.graph.latest, number))

    async def to_confirm(self, number: int) -> list[WindowToConfirm]:
        """What nobody has confirmed in this city, by the window that can."""
        snapshot = await contents.of_number(self.graph.latest, number)
        return await asyncio.to_thread(confirming.to_confirm, snapshot)

    async def scenarios(self, number: int) -> list[Outcome]:
        """Every scenario of an edition, red or green."""
        return await scenarios.run(self.graph, number)

    async def review(self, old: int, new: int) -> Review:
        """Two editions compared."""
        return await self.reviewer.review(old, new)

    async def readiness(self, number: int, *, at: datetime | None = None) -> Readiness:
        """What stands between a draft and its publication, now or at a later moment."""
        return await publishing.readiness(self.graph, number, at=_moment(at))

    def is_barred(self, ready: Readiness, by: Actor) -> bool:
        """Whether the settings want another person to publish what this one changed last."""
        return self.second_person and ready.last_editor == by.id

    async def merge_preview(self, number: int, *, onto: int | None = None) -> MergePreview:
        """What was published since a draft was made, and what merging it would do."""
        return await merge_preview.preview(self.graph, number, onto=onto)

    async def interviews(self, number: int) -> list[Interviews]:
        """How many questions the residents of an edition are asked, life event by life event."""
        return await interviews.interviews(await contents.of_number(self.graph.latest, number))

    async def moves(self, number: int, event: str, *, question: str) -> tuple[Moved, ...] | None:
        """What moving a question would change for the interviews about a life event; None where not decided."""
        snapshot = await contents.of_number(self.graph.latest, number)
        return await interviews.moves(snapshot, event, question=question)

    async def verify(self) -> Verification:
        """Whether the history and every edition are what was written: with 100,000 changes that takes seconds."""
        flaws = await audit.verify(self.graph)
        newest = await history.page(self.graph.latest, history.Filter(), most=1)
        return Verification(int(newest[0]["seq"]) if newest else 0, tuple(flaws))

    async def links(self, number: int) -> Sequence[Link]:
        """Every link to the preview of an edition, the newest first, also those that are over."""
        await editions.numbered(self.graph.latest, number)
        return await preview_links.links(self.graph, number)

    async def history(self, wanted: history.Filter, *, before: int | None = None, most: int = 50) -> list[ChangeText]:
        """The changes that are wanted, told, the newest first."""
        changes = await history.page(self.graph.latest, wanted, before=before, most=most)
        around = await self.around()
        return [history_text.told(change, around) for change in changes]

    async def around(self) -> history_text.Around:
        """What the sentences of the history name."""
        live = await editions.live(self.graph.latest)
        items = (await self.reviewer.content(live))[1] if live else {}
        by_number = {edition.number: edition for edition in await editions.shown(self.graph.latest)}
        return history_text.Around(
            names=differences.names(items),
            people=await people.names(self.graph.latest),
            editions=by_number,
            today=clock.today(),
        )


def _moment(at: datetime | None) -> datetime | None:
    if at is not None and at.tzinfo is None:
        raise InvalidRequest("時刻には時差（+09:00 など）を付けてください。", where="/at")
    if at is not None and at.year > LAST_YEAR:
        raise InvalidRequest(f"公開できるのは{LAST_YEAR}年までです。", where="/at")
    return at
