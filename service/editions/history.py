"""The history: a chain of changes, each sealed with the hash of the one before (ops/design/editions.md).

Each change also carries the edition's node as it stands then, and a seal that only holders of the key can make; the
ends of the chain are kept outside the database (`ledger`).
"""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from typing import Any, Literal

import rfc8785

from service import clock
from service.accounts.permissions import Actor
from service.content.patches import Item
from service.editions import ledger
from service.editions.ledger import Head, Kept, Ledger
from service.errors import CannotStart, InvalidRequest, NotFound, Refused
from service.store.graph import Graph, Reads, Row, Transaction
from service.store.schema import GENESIS

VERIFIED_AT_ONCE = 2_000
MOST_FLAWS = 20
"""So many flaws of the chain are named; what comes behind them is the same again."""
LAST = 2**53


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What a change says of itself beside who, when, to what and why: properties of the `Change`, under its hash.

    `source` is the edition that was copied, merged in or gone back to; `reverted` the place of the change that was
    taken back, or that an item was restored to (`side`: before or after it); `publish_at` the moment that was set.
    `replaces` and `replaced_by` name a scheduled edition and the one that takes its place when something is published
    before it. `decisions` say whose side counts for each item in conflict.
    """

    source: int | None = None
    reverted: int | None = None
    side: Literal["before", "after"] | None = None
    publish_at: datetime | None = None
    replaces: int | None = None
    replaced_by: int | None = None
    decisions: Mapping[str, str] = field(default_factory=dict)

    def fields(self) -> dict[str, Any]:
        """The properties that the change has for them; None for those that say nothing."""
        return {
            "source": self.source,
            "reverted": self.reverted,
            "side": self.side,
            "publish_at": _written(self.publish_at),
            "replaces": self.replaces,
            "replaced_by": self.replaced_by,
            "decisions": rfc8785.dumps(dict(self.decisions)).decode() if self.decisions else None,
        }


@dataclass(frozen=True, slots=True)
class Flaw:
    """Something in the store that is not what the history says: `how` for programs, `text` for people.

    `seq` is the place in the chain and `edition` the number that it is about, where there is one. `live`: what
    residents are shown is concerned.
    """

    how: str
    text: str
    seq: int | None = None
    edition: int | None = None
    live: bool = False


BREAKS = {
    "removed": "そこにあった変更が抜けています",
    "altered": "その変更が書き換えられています",
    "inserted": "そこに変更が差し込まれています",
    "moved": "その変更は、前の変更とつながっていません",
    "cut": "その後の変更が切り取られています",
    "short": "その後の変更が切り取られているか、古い控えに戻されています",
    "unsealed": "その変更には、このガイドの鍵による印がありません",
    "replaced": "この機械の控えにある変更と、別のものに置き換えられています",
    "untied": "その変更が、版や項目と正しく結ばれていません",
}
"""What is said of each way in which the chain can be broken at a place."""


def seal(change: Row) -> str:
    """The SHA-256, in lower-case hexadecimal, of the canonical form of all fields of the change but hash and seal.

    Errors: rfc8785.CanonicalizationError, or a TypeError, for values that no change has.
    """
    sealed = {name: value for name, value in change.items() if name not in {"hash", "seal"} and value is not None}
    return hashlib.sha256(rfc8785.dumps(sealed)).hexdigest()


def ledger_of(evidence: Any) -> Ledger:
    """The ledger in that folder. Errors: CannotStart where the address of the database came without one."""
    if evidence is None:
        raise CannotStart("履歴の控えの場所が決まっていません。TETSUZUKI_DATA_DIR を確かめてください。")
    return Ledger(evidence)


async def lock(transaction: Transaction) -> Row:
    """Locks the chain until the transaction ends; returns `seq` and `head`. Every write does this first.

    Errors: Refused when the end of the chain is not what this host knows of it: nothing is built on a forged end.
    """
    chain = await transaction.one("editions/history", "lock")
    if chain is None:
        raise LookupError("the store has not been prepared: it has no chain")
    await asyncio.to_thread(_check_end, ledger_of(transaction.evidence), chain)
    return {"seq": chain["seq"], "head": chain["head"]}


def _check_end(own: Ledger, chain: Row) -> None:
    key, last = own.key(), own.last()
    if key is None and chain["seq"] == 0 and last is None:
        key = own.make_key()
    if key is None:
        raise Refused(f"{own.key_file} に履歴の鍵がないため、書き込めません。{_KEY_ADVICE}")
    own.check_writable()
    if end_flaws(chain, key=key, last=last):
        raise Refused(
            "変更の履歴の終わりが、この機械の控えと合わないため、書き込めません。"
            "「tetsuzuki history verify」で確かめ、ops/runbook.md の「書き換え・破損」のとおりにしてください。"
        )


def keyless(own: Ledger) -> Flaw:
    """What is said where the key is missing."""
    return Flaw("keyless", f"{own.key_file} に履歴の鍵がないため、印を確かめられません。{_KEY_ADVICE}")


_KEY_ADVICE = (
    "ほかの機械と同じデータベースを使うときは、その機械の鍵をここに写してください。"
    "控えから戻したときなど、いまの履歴を正しいと認めるときは「tetsuzuki history anchor --reason 理由」です。"
)


def end_flaws(chain: Row | None, *, key: bytes | None, last: Head | None) -> list[Flaw]:
    """What is wrong with the end of the chain (a row of `history/head`), beside what this host knows of it."""
    if chain is None:
        return [] if last is None else [_flaw("cut", 1)]
    seq, change = chain["seq"], chain["last"]
    if not isinstance(seq, int):
        return [_flaw("cut", 1)]
    if last is not None and seq < last.seq:
        return [_flaw("short", seq + 1, f"（この機械の控えには {last.seq} 番まであります）")]
    if seq == 0:
        return [] if chain["head"] == GENESIS else [_flaw("cut", 1)]
    if change is None:
        return [_flaw("removed", seq)]
    if last is not None and seq == last.seq and chain["head"] != last.hash:
        return [_flaw("replaced", seq)]
    if change.get("hash") != chain["head"] or not is_right(change):
        return [_flaw("altered", seq)]
    known = last is not None and (seq, chain["head"]) == (last.seq, last.hash)
    if key is not None and not known and not ledger.is_sealed(key, chain["head"], found=change.get("seal")):
        return [_flaw("unsealed", seq)]
    return []


def _flaw(how: str, seq: int, more: str = "") -> Flaw:
    return Flaw(how, f"履歴の {seq} 番：{BREAKS[how]}{more}。", seq=seq)


def is_right(change: Row) -> bool:
    """Whether the change has the fields that one has, of their types, and the hash that they make."""
    fields = all(_is_typed(name, value) for name, value in change.items())
    return fields and change.keys() >= _REQUIRED and bool(change["hash"] == seal(change))


_REQUIRED = frozenset({"seq", "at", "by", "action", "kind", "key", "edition", "previous_hash", "stands", "hash"})


_NUMBERS = frozenset({"seq", "edition", "source", "reverted", "replaces", "replaced_by"})


def _is_typed(name: str, value: object) -> bool:
    if name in _NUMBERS:
        return isinstance(value, int) and not isinstance(value, bool) and 0 < value < LAST
    if name == "keys":
        return isinstance(value, list) and all(isinstance(member, str) for member in value)
    return isinstance(value, str)


def node_text(edition: Mapping[str, Any]) -> str:
    """The node of an edition as its last change holds it: canonical JSON, moments in UTC."""
    return rfc8785.dumps({name: _plain(value) for name, value in edition.items() if value is not None}).decode()


def _plain(value: Any) -> Any:
    if hasattr(value, "to_native"):
        value = value.to_native()
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat(timespec="microseconds")
    if isinstance(value, str | bool) or (isinstance(value, int) and -LAST < value < LAST):
        return value
    if isinstance(value, list) and all(isinstance(member, str) for member in value):
        return value
    return repr(value)  # not what a guide writes, but what somebody may have written: it has to be comparable


async def append(
    transaction: Transaction,
    chain: Row,
    *,
    edition: int,
    action: str,
    by: Actor,
    subject: Item | None = None,
    before: str | None = None,
    after: str | None = None,
    keys: Sequence[str] = (),
    note: str | None = None,
    facts: Facts | None = None,
    node: Row | None = None,
) -> Row:
    """Adds a change to an edition; `chain` is what `lock` or the last `append` gave. Returns the chain as it is then.

    It is called when the edition's node stands as it is to be: the change says what that is. `node` are the properties
    of that node where the caller has just written it; they are read without. `subject` is the item
    that the change is about (the edition itself without), `keys` all items that it touched; `before` and `after` are
    the sides of its patch as `patches.written` has them, or the content hash. `note` is what a person typed, and
    nothing else.
    """
    fields: dict[str, Any] = {
        "seq": chain["seq"] + 1,
        "at": clock.now().isoformat(timespec="milliseconds"),
        "by": by.id,
        "action": action,
        "kind": str(subject.kind) if subject else "Edition",
        "key": subject.key if subject else str(edition),
        "edition": edition,
        "previous_hash": chain["head"],
        "before": before,
        "after": after,
        "keys": sorted(keys) or None,
        "note": note,
        **(facts or Facts()).fields(),
    }
    change = {name: value for name, value in fields.items() if value is not None}
    change["stands"] = node_text(node or await _node(transaction, edition))
    change["hash"] = seal(change)
    own = ledger_of(transaction.evidence)
    key = own.key()
    if key is None:  # `lock` has seen to it
        raise LookupError("the chain has not been locked")
    change["seal"] = ledger.seal(key, change["hash"])
    await transaction.many("editions/history", "append", edition=edition, change=change, keys=sorted(keys))
    transaction.afterwards.append(partial(own.keep, change["seq"], change["hash"]))
    return {"seq": change["seq"], "head": change["hash"]}


async def _node(transaction: Transaction, edition: int) -> Row:
    row = await transaction.one("editions/history", "edition", edition=edition)
    if row is None:
        raise LookupError(f"no edition {edition} to change")
    node: Row = row["edition"]
    return node


@dataclass(frozen=True, slots=True)
class Filter:
    """Which changes are wanted: of an edition, an item (in whatever edition), a person, a kind of action, a time.

    `since` is the first moment that counts, `until` the first that does not.
    """

    edition: int | None = None
    key: str | None = None
    by: str | None = None
    action: str | None = None
    since: datetime | None = None
    until: datetime | None = None


async def page(reads: Reads, wanted: Filter, *, before: int | None = None, most: int = 50) -> list[Row]:
    """The changes that are wanted, the newest first, at most so many, from before a place of the chain."""
    place = before if before is not None else LAST
    filters = {
        "edition": wanted.edition,
        "by": wanted.by,
        "action": wanted.action,
        "since": _written(wanted.since),
        "until": _written(wanted.until),
    }
    if wanted.key is not None:
        rows = await reads.many("editions/history", "of_item", key=wanted.key, before=place, most=most, wanted=filters)
    elif wanted.edition is not None:
        rows = await reads.many(
            "editions/history", "of_edition", edition=wanted.edition, before=place, most=most, wanted=filters
        )
    elif wanted.by is not None:
        rows = await reads.many("editions/history", "of_person", by=wanted.by, before=place, most=most, wanted=filters)
    else:
        rows = await reads.many("editions/history", "page", before=place, most=most, wanted=filters)
    return [row["change"] for row in rows]


def _written(moment: datetime | None) -> str | None:
    """The moment as changes hold it: of one offset, so that text is in the order of time."""
    if moment is None:
        return None
    aware = moment if moment.tzinfo else moment.replace(tzinfo=clock.TOKYO)
    try:
        return aware.astimezone(clock.TOKYO).isoformat(timespec="milliseconds")
    except OverflowError:  # the first or last day of the calendar, told in another zone
        raise InvalidRequest("日時が、扱える範囲の外にあります。") from None


async def change(reads: Reads, seq: int) -> Row:
    """One change with all its fields. Errors: NotFound."""
    row = await reads.one("editions/history", "one", seq=seq)
    if row is None:
        raise NotFound(f"{seq} 番の記録はありません。", where="/seq")
    found: Row = row["change"]
    return found


async def latest(reads: Reads) -> list[Row]:
    """The last change of every edition."""
    return [row["change"] for row in await reads.many("editions/history", "latest")]


@dataclass(slots=True)
class Verdict:
    """What the whole chain says: its flaws, its length, and the last change of every edition."""

    flaws: list[Flaw] = field(default_factory=list)
    count: int = 0
    last: dict[int, Row] = field(default_factory=dict)


async def verify(graph: Graph) -> Verdict:
    """The whole chain, read from its beginning; what is appended meanwhile is read too."""
    own = ledger_of(graph.evidence)
    key, kept = await asyncio.to_thread(lambda: (own.key(), own.all()))
    walk, verdict = ChainReader(key, kept), Verdict()
    while True:
        rows = await graph.latest.many("editions/history", "after", seq=walk.place, most=VERIFIED_AT_ONCE)
        await asyncio.to_thread(_walked, walk, verdict, rows)
        if rows:
            continue
        chain = await graph.latest.one("editions/history", "head")
        if chain is None or not isinstance(chain["seq"], int) or chain["seq"] <= walk.place:
            break
        if not await graph.latest.many("editions/history", "after", seq=walk.place, most=1):
            break
    verdict.flaws.extend(walk.end(chain))
    strays = await graph.latest.one("editions/history", "strays")
    if strays and strays["strays"]:
        verdict.flaws.append(Flaw("stray", f"番号のない、または番号が正しくない変更が {strays['strays']} 件あります。"))
    if key is None and verdict.count:
        verdict.flaws.append(keyless(own))
    verdict.flaws = verdict.flaws[:MOST_FLAWS]
    return verdict


def _walked(walk: ChainReader, verdict: Verdict, rows: Sequence[Row]) -> None:
    """Adds to the verdict what the next changes say."""
    for row in rows:
        verdict.flaws.extend(walk.step(row))
        if walk.known:
            verdict.last[row["change"]["edition"]] = row["change"]
    verdict.count += len(rows)


@dataclass(slots=True)
class ChainReader:
    """A walk along the chain: where it is, and what the next change has to follow from."""

    key: bytes | None
    kept: Kept
    place: int = 0
    head: str = GENESIS
    known: bool = True
    """Whether the last change was one whose fields can be used."""

    def step(self, row: Row) -> Iterator[Flaw]:
        """What is wrong with the next change, a row of `history/after`."""
        change = row["change"]
        seq, wanted = change["seq"], self.place + 1
        self.known = is_right(change)
        if not self.known:
            yield _flaw("altered", int(seq), _of_fields(change))
        elif seq != wanted:
            yield _flaw("removed" if seq > wanted else "inserted", wanted)
        elif change["previous_hash"] != self.head:
            yield _flaw("moved", seq)
        yield from self._evidence(change)
        if self.known and (row["editions"], row["keys"]) != ([change["edition"]], change.get("keys", [])):
            yield _flaw("untied", seq)
        self.place, self.head = int(seq), str(change.get("hash"))

    def _evidence(self, change: Row) -> Iterator[Flaw]:
        seq, found = change["seq"], change.get("hash")
        if self.kept.heads.get(seq, found) != found:
            yield _flaw("replaced", int(seq))
        elif self.known and not is_genuine(change, key=self.key, trusted=self.kept.trusted):
            yield _flaw("unsealed", seq)

    def end(self, chain: Row | None) -> Iterator[Flaw]:
        """What is wrong behind the last change, with the row of `history/head`."""
        furthest = max(self.kept.heads, default=0)
        if furthest > self.place:
            yield _flaw("short", self.place + 1, f"（この機械の控えには {furthest} 番まであります）")
        ends = (0, GENESIS) if chain is None else (chain["seq"], chain["head"])
        if ends != (self.place, self.head):
            yield _flaw("cut", self.place + 1)


def is_genuine(change: Row, *, key: bytes | None, trusted: int) -> bool:
    """Whether a right change bears the seal of the key; those up to `trusted` need none, and without a key none do."""
    return key is None or change["seq"] <= trusted or ledger.is_sealed(key, change["hash"], found=change.get("seal"))


def _of_fields(change: Row) -> str:
    """Which fields cannot be those of a change, in brackets."""
    lacking = [f"{name} がありません" for name in sorted(_REQUIRED - change.keys())]
    wrong = [f"{name} の型が違います" for name, value in sorted(change.items()) if not _is_typed(name, value)]
    return f"（{'、'.join(lacking + wrong)}）" if lacking or wrong else ""


async def anchor(graph: Graph, *, reason: str) -> int:
    """Takes the chain as it is on this host, with a new key where there is none; returns its length.

    For another host's store, or one restored from a copy. Errors: Refused while its links do not hold.
    """
    flaws = [flaw for flaw in (await verify(graph)).flaws if flaw.how not in _FORGIVEN]
    chain = await graph.latest.one("editions/history", "head")
    if flaws or chain is None or (chain["seq"] and chain["last"] is None):
        told = flaws[0].text if flaws else "履歴がありません。"
        raise Refused(f"いまの履歴は、正しいと認められません：{told} 控えから戻してください。")
    own = ledger_of(graph.evidence)
    await asyncio.to_thread(own.trust, chain["seq"], chain["head"], reason=reason)
    return int(chain["seq"])


_FORGIVEN = frozenset({"keyless", "unsealed", "replaced", "short"})
