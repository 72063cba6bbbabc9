"""The audit: the editions in the graph, beside what the history says of them.

Quickly for what residents are shown (at the start, and every so often in each web process), wholly for operators.
"""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from service import clock
from service.content.canonical import content_hash
from service.editions import history
from service.editions.history import Flaw
from service.editions.ledger import Ledger
from service.errors import GuideError, Unavailable
from service.store import catalogue, editions, layers
from service.store.graph import Graph, Row
from service.store.packing import unpacked
from service.store.subgraph import to_rows

EVERY_SECONDS = 60.0
FIRST_SECONDS = 10.0
LONGEST_SECONDS = 600.0
AWAY_SECONDS = 1.0
SHARE = 50
"""A process spends one part in so many of its time on looking, but looks after `LONGEST_SECONDS` at the latest."""
ADVICE = (
    "このプログラムを通さずに書き換えられたか、データベースが壊れたおそれがあります。控えから戻すか、内容だけのことなら"
    "「tetsuzuki rollback 版の番号 --reason 理由」で前の版に戻してください（ops/runbook.md の「書き換え・破損」）。"
)
UNSEEN = frozenset({"building", "abandoned"})
_NAMES = {
    "state": "状態",
    "published_at": "公開の時刻",
    "published_by": "公開した人",
    "scheduled": "予約かどうか",
    "content_hash": "内容のハッシュ",
    "base": "もとの版",
    "beneath": "全国の内容",
    "title": "名前",
    "archived": "保管庫にあるか",
    "revision": "改訂の番号",
    "created_at": "作った時刻",
    "created_by": "作った人",
}


@dataclass(frozen=True, slots=True)
class Verification:
    """How many changes the history has, and what in the store is not as they say."""

    changes: int
    flaws: tuple[Flaw, ...]

    @property
    def whole(self) -> bool:
        """Whether everything is as the history says."""
        return not self.flaws


@dataclass(slots=True)
class Watch:
    """What a process found when it last looked at what residents are shown."""

    graph: Graph
    tell: Callable[[Sequence[Flaw]], None]
    _flaws: tuple[Flaw, ...] | None = None
    _looking: asyncio.Future[None] | None = None

    async def reasons(self) -> list[str] | None:
        """Why residents are not shown what was published, as it was last found; None while nobody could look.

        Only who comes before the first look waits for it, so long at most.
        """
        if self._flaws is None:
            if self._looking is None or self._looking.done():
                self._looking = asyncio.ensure_future(self._look())
            await asyncio.wait({self._looking}, timeout=FIRST_SECONDS)
        return None if self._flaws is None else [flaw.text for flaw in self._flaws if flaw.live]

    async def run(self) -> None:
        """Looks again and again, until it is cancelled."""
        while True:
            began = clock.monotonic()
            await self._look()
            pause = max(EVERY_SECONDS, min(SHARE * (clock.monotonic() - began), LONGEST_SECONDS))
            await asyncio.sleep(AWAY_SECONDS if self._flaws is None else pause)

    async def _look(self) -> None:
        """A database that is away says nothing about the content: what was found before stays."""
        try:
            flaws = tuple(await standing(self.graph))
        except Unavailable:
            return
        if flaws and flaws != self._flaws:
            self.tell(flaws)
        self._flaws = flaws


async def standing(graph: Graph) -> list[Flaw]:
    """What is wrong with what residents are shown, with any edition's node, and with the end of the history.

    Flaws with `live` come first. Errors: Unavailable.
    """
    return await _confirmed(lambda: _standing(graph))


async def verify(graph: Graph) -> list[Flaw]:
    """The whole history, and every edition in the graph and in the archive beside it. Errors: Unavailable."""
    return await _confirmed(lambda: _whole(graph))


async def _confirmed(look: Callable[[], Any]) -> list[Flaw]:
    """What two looks find alike: while somebody writes, one of them may see one half of a write."""
    flaws = await _readable(look)
    if flaws and flaws[0].how != "unreadable":
        again = await _readable(look)
        flaws = [flaw for flaw in flaws if flaw in again]
    return sorted(flaws, key=lambda flaw: not flaw.live)


async def _readable(look: Callable[[], Any]) -> list[Flaw]:
    try:
        return list(await look())
    except Unavailable:
        raise
    except GuideError as error:
        return [Flaw("unreadable", f"データベースの中身を読めません：{error.message}", live=True)]
    except Exception as error:
        # Who can write into the database can write what no reader foresees: a look must not end by it unseen.
        return [Flaw("unreadable", f"データベースの中身を読めません（{type(error).__name__}）。", live=True)]


async def _standing(graph: Graph) -> list[Flaw]:
    own = history.ledger_of(graph.evidence)
    key, last = await asyncio.to_thread(lambda: (own.key(), own.last()))
    chain = await graph.latest.one("editions/history", "head")
    flaws = history.end_flaws(chain, key=key, last=last)
    if chain is None or (flaws and not chain["seq"]):
        return [_lost()] if flaws else []
    if key is None and chain["seq"]:
        flaws.append(history.keyless(own))
    sound, odd = await asyncio.to_thread(_sound, await history.latest(graph.latest), own, key)
    of_nodes = await asyncio.to_thread(lambda nodes: list(_nodes(nodes, sound)), await _all(graph))
    return [*await _live(graph, sound), *flaws, *odd, *of_nodes]


def _sound(rows: Sequence[Row], own: Ledger, key: bytes | None) -> tuple[dict[int, Row], list[Flaw]]:
    """Of the last changes of editions those that are as they were written, by edition, and what is wrong with others.

    All kept heads are read only where a seal is missing: what came before the operator's word needs none.
    """
    right, altered = list[Row](), list[Row]()
    for change in rows:
        (right if history.is_right(change) else altered).append(change)
    unsealed = [change for change in right if not history.is_genuine(change, key=key, trusted=0)]
    trusted = own.all().trusted if unsealed else 0
    unsealed = [change for change in unsealed if not history.is_genuine(change, key=key, trusted=trusted)]
    flaws = [Flaw("altered", f"履歴の {change.get('seq')} 番が書き換えられています。") for change in altered]
    flaws += [
        Flaw("unsealed", f"履歴の {change['seq']} 番に、このガイドの鍵による印がありません。") for change in unsealed
    ]
    apart = {change["edition"] for change in unsealed}
    return {change["edition"]: change for change in right if change["edition"] not in apart}, flaws


def _lost() -> Flaw:
    return Flaw("lost", "データベースに、あったはずの版と履歴がありません。", live=True)


async def _whole(graph: Graph) -> list[Flaw]:
    verdict = await history.verify(graph)
    nodes = await _all(graph)
    flaws = [*await _live(graph, verdict.last), *verdict.flaws, *_nodes(nodes, verdict.last)]
    shown = {flaw.edition for flaw in flaws if flaw.how == "content"}
    for node in nodes:
        change = verdict.last.get(node.get("number", 0))
        if change is not None and node["number"] not in shown and node.get("state") not in UNSEEN:
            flaws += await _content(graph, node["number"], _said(change))
    flaws += await _layers(graph, nodes)
    flaws += await _strays(graph, nodes)
    return list(dict.fromkeys(flaws))


async def _all(graph: Graph) -> list[Row]:
    return [row["edition"] for row in await graph.latest.many("editions/audit", "editions")]


def _said(change: Row) -> Row:
    """The node that the last change of an edition tells of."""
    try:
        node: Row = json.loads(change["stands"])
        return node
    except ValueError:
        return {}


async def _live(graph: Graph, last: Mapping[int, Row]) -> list[Flaw]:
    """What residents are shown, beside what the history says that they are to be shown."""
    now = clock.now()
    wanted = _live_by_history(last, now=now)
    try:
        live = await editions.live(graph.latest, at=now)
    except (TypeError, KeyError, ValueError) as error:
        return [Flaw("node", f"公開中の版の記録を読めません（{type(error).__name__}）。", live=True)]
    if live is None and wanted is None:
        return []
    if live is None or wanted is None or live.number != wanted["number"]:
        is_shown = f"第{live.number}版" if live else "どの版でもありません"
        said = f"第{wanted['number']}版" if wanted else "どの版でもありません"
        return [Flaw("live", f"公開中の版が、履歴と違います：いまは{is_shown}、履歴では{said}。", live=True)]
    return [_as_live(flaw) for flaw in await _content(graph, live.number, wanted)]


def _as_live(flaw: Flaw) -> Flaw:
    return Flaw(flaw.how, f"公開中の{flaw.text}", edition=flaw.edition, live=True)


def _live_by_history(last: Mapping[int, Row], *, now: datetime) -> Row | None:
    """The edition that is live by the history: the rule of `editions/live`, on what changes say."""
    public = []
    for change in last.values():
        node = _said(change)
        if node.get("state") == "published" and not node.get("archived") and "published_at" in node:
            moment = datetime.fromisoformat(node["published_at"])
            if not node.get("scheduled") or moment <= now:
                public.append((moment, int(node["number"]), node))
    return max(public, key=lambda entry: entry[:2])[2] if public else None


def _nodes(nodes: Sequence[Row], last: Mapping[int, Row]) -> Iterator[Flaw]:
    """Every edition's node beside what its last change says of it."""
    counted = Counter(repr(node.get("number")) for node in nodes)
    for gone in sorted(set(last) - {node.get("number") for node in nodes}):
        yield Flaw("missing", f"第{gone}版がデータベースにありません。", edition=gone)
    for node in nodes:
        number: Any = node.get("number")
        if not isinstance(number, int) or counted[repr(number)] > 1:
            yield Flaw("node", f"番号の正しくない版があります（{number!r}）。")
        elif number not in last:
            if node.get("state") not in UNSEEN:
                yield Flaw("node", f"第{number}版が、履歴にありません。", edition=number)
        elif history.node_text(node) != last[number]["stands"]:
            yield Flaw(
                "node", f"第{number}版の記録が、履歴と違います：{_differing(node, last[number])}。", edition=number
            )


def _differing(node: Row, change: Row) -> str:
    now, said = json.loads(history.node_text(node)), _said(change)
    names = [name for name in sorted(now.keys() | said.keys()) if now.get(name) != said.get(name)]
    return "、".join(f"{_NAMES.get(name, name)}がいま {now.get(name)}、履歴では {said.get(name)}" for name in names)


async def _content(graph: Graph, number: int, said: Row) -> list[Flaw]:
    """The items of an edition, or its document in the archive, beside the hash that the history has of it."""
    if said.get("archived"):
        wrong = await _document(graph, number, str(said.get("content_hash")))
    else:
        rows = await graph.latest.many("editions/audit", "items", edition=number)
        wrong = await asyncio.to_thread(lambda: list(_wrong(rows, number, str(said.get("content_hash")))))
    return [Flaw("content", f"第{number}版の{what}", edition=number) for what in wrong]


async def _document(graph: Graph, number: int, wanted: str) -> list[str]:
    row = await graph.latest.one("editions/audit", "document", edition=number)
    is_whole = row is not None and unpacked(row["document"], expected=wanted) is not None
    return [] if is_whole else ["保管庫の文書が、ないか、履歴のハッシュと違います。"]


def _wrong(rows: Sequence[Row], number: int, wanted: str) -> Iterator[str]:
    """What the items of an edition are not, against the hash, and against what their content is written as."""
    try:
        content = catalogue.of_items(rows)
        digest = content_hash(content)
    except (ValueError, TypeError, LookupError, StopIteration, AttributeError) as error:
        yield f"内容を読めません（{type(error).__name__}）。項目か、つながりが欠けています。"
        return
    if digest != wanted:
        yield f"内容が、履歴のハッシュと違います（いま {digest[:12]}、履歴では {wanted[:12]}）。"
    written = to_rows(content)
    nodes = {node["key"]: (frozenset(node["labels"]), _comparable(node["properties"])) for node in written.nodes}
    edges = Counter(_edge(edge["from"], edge, number) for edge in written.edges)
    edges_there = Counter(
        _edge(row["properties"].get("key"), edge, edge["edition"]) for row in rows for edge in row["edges"]
    )
    odd = [str(row["properties"].get("key")) for row in rows if not _is_written(row, nodes)]
    odd += [str(edge[0]) for edge in (edges_there - edges) + (edges - edges_there)]
    odd += [str(row["properties"].get("key")) for row in rows if row["foreign"]]
    if odd:
        named = "、".join(sorted(set(odd))[:5])
        yield f"項目かつながりに、このガイドが書いたのではないものがあります（{named}）。"


def _comparable(properties: Row) -> str:
    return json.dumps({name: properties[name] for name in properties if name not in _OWN}, sort_keys=True, default=repr)


_OWN = frozenset({"edition", "revision"})


def _is_written(row: Row, nodes: Mapping[str, tuple[frozenset[str], str]]) -> bool:
    properties = row["properties"]
    own = (frozenset(row["labels"]), _comparable(properties))
    return nodes.get(properties.get("key")) == own and isinstance(properties.get("revision"), int)


def _edge(source: Any, edge: Row, edition: Any) -> tuple[str, str, str, str, str]:
    properties = json.dumps(edge["properties"], sort_keys=True, default=repr)
    return (str(source), edge["type"], str(edge["to"]), properties, str(edition))


async def _layers(graph: Graph, nodes: Sequence[Row]) -> list[Flaw]:
    """The layers that editions name and that are not kept, or not as their hashes say."""
    flaws = []
    for digest in sorted({node["beneath"] for node in nodes if isinstance(node.get("beneath"), str)}):
        try:
            await layers.document(graph.latest, digest)
        except Unavailable:
            raise
        except GuideError as error:
            numbers = "、".join(f"第{node['number']}版" for node in nodes if node.get("beneath") == digest)
            flaws.append(Flaw("layer", f"{numbers}：{error.message}"))
    return flaws


async def _strays(graph: Graph, nodes: Sequence[Row]) -> list[Flaw]:
    """Items of no edition, and a chain that counts wrongly."""
    numbers = {node.get("number") for node in nodes}
    rows = await graph.latest.many("editions/audit", "numbers")
    flaws = [
        Flaw("stray", f"どの版のものでもない項目が {row['items']} 件あります（版の番号 {row['number']!r}）。")
        for row in rows
        if row["number"] not in numbers
    ]
    chain = await graph.latest.one("editions/audit", "chain")
    most = max((number for number in numbers if isinstance(number, int)), default=0)
    if chain and (chain["chains"] != 1 or not isinstance(chain["editions"], int) or chain["editions"] < most):
        flaws.append(Flaw("chain", "履歴の終わりと版の数の記録が、一つでないか、版の番号と合いません。"))
    return flaws
