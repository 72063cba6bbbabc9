"""Publishing: which edition residents see, now or from a set moment on (ops/design/editions.md, "Publish").

Merge and checks come first, then one approval covers all, and one transaction publishes: an edition that is scheduled
for later carries over what is published before it, or nothing happens and it is told what stands against it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from service import clock
from service.accounts.permissions import Actor, Permission
from service.analysis.findings import Finding
from service.content import patches
from service.content.canonical import content_hash
from service.content.loading import read_plain
from service.content.models import Content, Edition
from service.content.patches import Items
from service.editions import archive, building, drafts, edits, findings, history, layering, merging, releases
from service.editions.history import Facts
from service.editions.merging import Side
from service.errors import Refused
from service.store import editions
from service.store.graph import Graph, Reads, Row, Transaction

EDITING = ("import", "fork", "save", "remove", "restore", "take_back", "merge", "confirm", "update")
"""Actions after which an edition contains something that its author has to let another person look at."""


class Behind(Refused):
    """Something else was published since the draft was made: it has to be merged first."""

    code = "behind"
    remedy = "Merge it into the draft first"

    def __init__(self, number: int, before: Edition | None) -> None:
        named = f"第{before.number}版" if before else "公開中の版"
        super().__init__(f"第{number}版は、{named}をもとにしていません。先に{named}の変更を合流させてください。")


class NotReady(Refused):
    """What is to be published has findings that block it."""

    code = "not_ready"
    remedy = "`details` name them"

    def __init__(self, number: int, findings: Sequence[Finding]) -> None:
        self.number, self.findings = number, tuple(findings)
        told = " ".join(finding.sentence for finding in findings[:3])
        more = f"（ほか{len(findings) - 3}件）" if len(findings) > 3 else ""
        super().__init__(f"第{number}版には、公開の前に直すことが{len(findings)}件あります：{told}{more}")

    def details(self) -> dict[str, Any]:
        """Every finding that blocks."""
        plain = [
            {"code": finding.code, "keys": list(finding.keys), "sentence": finding.sentence}
            for finding in self.findings
        ]
        return {"edition": self.number, "findings": plain}


@dataclass(frozen=True, slots=True)
class Readiness:
    """What stands between a draft and its publication; `before` is the edition that would be live just before it.

    `waiting` are the scheduled editions that would carry it over, `last_editor` who changed it last.
    """

    draft: Edition
    before: Edition | None
    findings: tuple[Finding, ...]
    waiting: tuple[Edition, ...]
    last_editor: str | None

    @property
    def behind(self) -> bool:
        """Whether something was published since the draft was made, so that it has to be merged first."""
        return self.draft.base != (self.before.number if self.before else None)

    @property
    def unchanged(self) -> bool:
        """Whether the draft says the same as the edition before it."""
        return self.before is not None and self.draft.content_hash == self.before.content_hash

    @property
    def is_ready(self) -> bool:
        """Whether nothing stands against it that is known before somebody does it."""
        return not (self.behind or self.unchanged or self.blocking)

    @property
    def blocking(self) -> tuple[Finding, ...]:
        """The findings that block publishing."""
        return tuple(finding for finding in self.findings if finding.severity == "blocking")


@dataclass(frozen=True, slots=True)
class Follower:
    """A scheduled edition, and the unseen edition that takes its place: both changes in one.

    `decisions` are those that counted between the two, `beneath` as in `Edition`.
    """

    old: Edition
    number: int
    content: Content
    content_hash: str
    beneath: str | None
    decisions: Mapping[str, Side]


async def readiness(graph: Graph, number: int, *, at: datetime | None = None) -> Readiness:
    """What stands between a draft and its publication, now or at a later moment. Errors: NotFound, Refused."""
    if at is not None and at <= clock.now():
        raise Refused("公開する時刻が、すでに過ぎています。これからの時刻を選んでください。", where="/at")
    draft = await edits.opened(graph.latest, number)
    last = await graph.latest.one("editions/publishing", "last_edit", edition=number, actions=list(EDITING))
    return Readiness(
        draft=draft,
        before=await editions.live(graph.latest, at=at),
        findings=await findings.whole(graph, draft),
        waiting=tuple(await _later(graph.latest, at or clock.now())),
        last_editor=last["by"] if last else None,
    )


async def publish(
    graph: Graph,
    number: int,
    *,
    by: Actor,
    seen: str | None,
    at: datetime | None = None,
    note: str | None = None,
    decided: Mapping[str, Side] | None = None,
    second_person: bool = False,
) -> Edition:
    """Publishes a draft, now or `at` a later moment; returns it as it is then.

    `seen` is the content hash of the draft whose comparison with the edition before it was looked at; `decided` says
    for items in conflict with a scheduled edition which side counts there (`theirs` is this draft). Errors: Forbidden,
    Behind, NotReady, drafts.InConflict and other Refused; nothing is published then.
    """
    by.needs(Permission.PUBLISH)
    ready = await readiness(graph, number, at=at)
    _refuse_unready(ready, by=by, seen=seen, second_person=second_person)
    items = await archive.items(graph, number)

    async def run(transaction: Transaction, followers: Sequence[Follower]) -> Edition:
        chain = await history.lock(transaction)
        before = await _unchanged_since(transaction, ready, at=at)
        chain = await releases.release(
            transaction,
            chain,
            number=number,
            before=before,
            by=by,
            at=at,
            note=note,
            action="schedule" if at else "publish",
        )
        await carry(transaction, chain, followers=followers, base=number, by=by)
        return await editions.numbered(transaction, number)

    async with building.removed_on_failure(graph) as built:
        followers = await follow(
            graph,
            items,
            beneath=ready.draft.beneath,
            later_than=at or clock.now(),
            by=by,
            built=built,
            decided=decided,
        )
        return await graph.write(lambda transaction: run(transaction, followers))


def _refuse_unready(ready: Readiness, *, by: Actor, seen: str | None, second_person: bool) -> None:
    if ready.behind:
        raise Behind(ready.draft.number, ready.before)
    if ready.unchanged:
        raise Refused(f"第{ready.draft.number}版の内容は、いまの版と同じです。公開する変更がありません。")
    if ready.blocking:
        raise NotReady(ready.draft.number, ready.blocking)
    if seen != ready.draft.content_hash:
        raise Refused("公開の前に、いまの下書きの比較を確かめてください。比較のあとに変更された場合も、もう一度です。")
    if second_person and ready.last_editor == by.id:
        raise Refused("最後に編集した人は、公開できません。ほかの承認者に頼んでください。")


async def _unchanged_since(transaction: Transaction, ready: Readiness, *, at: datetime | None) -> Edition | None:
    """The edition just before, if nothing happened since the draft was found ready. Errors: Refused, Behind."""
    number = ready.draft.number
    now = await edits.opened(transaction, number)
    if now.revision != ready.draft.revision:
        raise Refused(f"第{number}版は、公開の直前に変更されました。比較を見直して、もう一度公開してください。")
    before = await editions.live(transaction, at=at)
    if _number(before) != _number(ready.before):
        raise Behind(number, before)
    await refuse_other_waiting(transaction, ready.waiting, later_than=at or clock.now())
    return before


async def refuse_other_waiting(
    transaction: Transaction, known: Sequence[Edition], *, later_than: datetime, without: int | None = None
) -> None:
    """Returns if exactly the known editions (and `without`) are scheduled. Errors: Refused: somebody changed that."""
    waiting = [edition.number for edition in await _later(transaction, later_than) if edition.number != without]
    if waiting != [edition.number for edition in known]:
        raise Refused("公開の予約が、いま変わりました。もう一度やり直してください。")


def _number(edition: Edition | None) -> int | None:
    return edition.number if edition else None


async def _later(reads: Reads, moment: datetime) -> list[Edition]:
    return [
        edition for edition in await editions.waiting(reads) if edition.published_at and edition.published_at > moment
    ]


async def follow(
    graph: Graph,
    theirs: Items,
    *,
    beneath: str | None,
    later_than: datetime,
    by: Actor,
    built: list[int],
    decided: Mapping[str, Side] | None = None,
    without: int | None = None,
) -> list[Follower]:
    """What becomes of each scheduled edition when `theirs`, on what lies `beneath`, is live before it, built unseen and
    checked.

    The numbers of what is built are added to `built` (as `building.removed_on_failure`); `without` is a scheduled
    edition that goes. Errors: drafts.InConflict, NotReady, InvalidContent.
    """
    followers: list[Follower] = []
    left = dict(decided or {})
    for old in await _later(graph.latest, later_than):
        if old.number != without:
            own, left = _decisions(old.number, left)
            follower = await _follower(
                graph, old, theirs=theirs, beneath=beneath, by=by, built=built, decided=own, left=left
            )
            followers.append(follower)
            theirs, beneath = patches.items(follower.content), follower.beneath
    return followers


def _decisions(number: int, decided: dict[str, Side]) -> tuple[dict[str, Side], dict[str, Side]]:
    """Those for one edition (「N/KEY」), and those that name an item alone and were not used yet."""
    own = {key.partition("/")[2]: side for key, side in decided.items() if key.startswith(f"{number}/")}
    return own, {key: side for key, side in decided.items() if not key.startswith(f"{number}/")}


async def _follower(
    graph: Graph,
    old: Edition,
    *,
    theirs: Items,
    beneath: str | None,
    by: Actor,
    built: list[int],
    decided: Mapping[str, Side],
    left: dict[str, Side],
) -> Follower:
    """The edition in its place. A decision of `left` counts for the first edition in conflict over its item, and is
    taken out: what another edition made of the same item has to be looked at too."""
    before = await editions.numbered(graph.latest, old.base) if old.base else None
    base = await archive.items(graph, before.number) if before else {}
    mine = await archive.items(graph, old.number)
    beneath = await layering.of_both(
        graph.latest, base=before.beneath if before else None, mine=old.beneath, theirs=beneath
    )
    open_ones = merging.merge(base, mine=mine, theirs=theirs, decided=decided).conflicts
    used = {conflict.key: left.pop(conflict.key) for conflict in open_ones if conflict.key in left}
    merged = merging.merge(base, mine=mine, theirs=theirs, decided={**used, **decided})
    if merged.conflicts:
        raise drafts.InConflict(old.number, merged.conflicts)
    content = await asyncio.to_thread(read_plain, patches.plain(merged.items))
    number = await building.build(graph, content, title=old.title, by=by.id)
    built.append(number)
    blocking = [finding for finding in await findings.find(graph, number) if finding.severity == "blocking"]
    if blocking:
        raise NotReady(old.number, blocking)
    return Follower(old, number, content, await asyncio.to_thread(content_hash, content), beneath, merged.decisions)


async def carry(
    transaction: Transaction, chain: Row, *, followers: Sequence[Follower], base: int | None, by: Actor
) -> Row:
    """Puts the followers in the place of the scheduled editions; returns the chain as it is then."""
    for follower in followers:
        before = await editions.numbered(transaction, base) if base else None
        await building.finish(
            transaction, follower.number, content_hash=follower.content_hash, base=base, beneath=follower.beneath
        )
        facts = Facts(source=base, replaced_by=follower.number)
        chain = await releases.withdraw(transaction, chain, edition=follower.old, by=by, facts=facts)
        chain = await releases.release(
            transaction,
            chain,
            number=follower.number,
            before=before,
            by=by,
            at=follower.old.published_at,
            action="schedule",
            facts=Facts(source=base, replaces=follower.old.number, decisions=follower.decisions),
        )
        base = follower.number
    return chain


async def withdraw(
    graph: Graph, number: int, *, by: Actor, note: str | None = None, decided: Mapping[str, Side] | None = None
) -> Edition:
    """Cancels a schedule; returns a draft with the same content. Later scheduled editions lose its changes too.

    Errors: Refused when it is not waiting (any more), drafts.InConflict, NotReady, Forbidden, NotFound.
    """
    by.needs(Permission.PUBLISH)
    edition = await editions.numbered(graph.latest, number)
    if not edition.waits(clock.now()):
        raise Refused(f"第{number}版は、公開を待っていません。")
    before = await editions.numbered(graph.latest, edition.base) if edition.base else None
    moment = edition.published_at or clock.now()
    theirs = await archive.items(graph, before.number) if before else {}

    async def run(transaction: Transaction, followers: Sequence[Follower], copy: int) -> Edition:
        chain = await history.lock(transaction)
        if not (await editions.numbered(transaction, number)).waits(clock.now()):
            raise Refused(f"第{number}版は、いま公開されたか、予約が取り消されました。")
        await refuse_other_waiting(
            transaction, [follower.old for follower in followers], later_than=moment, without=number
        )
        chain = await releases.withdraw(transaction, chain, edition=edition, by=by, note=note)
        chain, draft = await drafts.show_copy(transaction, chain, copy, origin=edition, base=edition.base, by=by)
        await carry(transaction, chain, followers=followers, base=_number(before), by=by)
        return draft

    async with building.removed_on_failure(graph) as built:
        followers = await follow(
            graph,
            theirs,
            beneath=before.beneath if before else None,
            later_than=moment,
            by=by,
            built=built,
            without=number,
            decided=decided,
        )
        copy = await drafts.copied(graph, edition, title=edition.title, by=by)
        built.append(copy)
        return await graph.write(lambda transaction: run(transaction, followers, copy))


async def roll_back(
    graph: Graph, to: int, *, by: Actor, reason: str, decided: Mapping[str, Side] | None = None
) -> Edition:
    """Publishes a copy of an earlier edition at once, with a reason: history only grows.

    Findings do not block it: it was live before. Errors: Refused, drafts.InConflict, NotReady (of a scheduled edition
    that would carry it over), Forbidden, NotFound.
    """
    by.needs(Permission.PUBLISH)
    if not reason.strip():
        raise Refused("前の版に戻す理由を書いてください。", where="/note")
    origin, live = await editions.numbered(graph.latest, to), await editions.live(graph.latest)
    if origin.state != "published" or origin.waits(clock.now()):
        raise Refused(f"第{to}版は、公開されたことがありません。")
    if live is None or live.content_hash == origin.content_hash:
        raise Refused(f"いまの版の内容は、第{to}版と同じです。")
    theirs = await archive.items(graph, to)

    async def run(transaction: Transaction, followers: Sequence[Follower], copy: int) -> Edition:
        # Before the lock: nobody waits for the reading of what was built.
        await building.verified(transaction, copy, content_hash=origin.content_hash)
        chain = await history.lock(transaction)
        before = await editions.live(transaction)
        if _number(before) != live.number:
            raise Refused("ほかの人が、いま別の版を公開しました。確かめてから、もう一度やり直してください。")
        await refuse_other_waiting(transaction, [follower.old for follower in followers], later_than=clock.now())
        await building.finish(
            transaction, copy, content_hash=origin.content_hash, base=live.number, beneath=origin.beneath
        )
        chain = await releases.release(
            transaction,
            chain,
            number=copy,
            before=before,
            by=by,
            action="rollback",
            note=reason.strip(),
            facts=Facts(source=to),
        )
        await carry(transaction, chain, followers=followers, base=copy, by=by)
        return await editions.numbered(transaction, copy)

    async with building.removed_on_failure(graph) as built:
        followers = await follow(
            graph, theirs, beneath=origin.beneath, later_than=clock.now(), by=by, built=built, decided=decided
        )
        copy = await drafts.copied(graph, origin, title=f"第{to}版に戻す", by=by)
        built.append(copy)
        return await graph.write(lambda transaction: run(transaction, followers, copy))
