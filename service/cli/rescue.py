"""A store whose transaction log is damaged: opened in one of two ways, whichever leaves it whole.

With the log as far as it can be read: right where its end is damaged, as after a full disk. Without the log: right
where the database was stopped in order, because then its own files hold everything. The wrong way leaves a mixture of
old and new, so what the store holds is compared with its hashes, and the files are put back before the next try. A way
that loses changes at the end is taken only where no other way leaves the store whole.
"""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product
from pathlib import Path

from service.cli.store_check import store_findings
from service.content.canonical import content_hash
from service.content.models import Edition
from service.editions import audit
from service.errors import CannotStart, GuideError
from service.runtime import embedded, jvm, lockfile
from service.runtime.doctor import Diagnosis
from service.runtime.embedded import Tell
from service.settings import Settings
from service.store import catalogue, editions
from service.store.graph import Graph
from service.store.space import Space

STORE = ("data", "transactions")
ANCHOR = (
    "失われた変更は戻せません。それでよければ「tetsuzuki history anchor --reason 理由」で認めると、また書き込めます。"
)


@dataclass(frozen=True, slots=True)
class Way:
    """One way to open the store: what is said of it, Neo4j's setting for it, and whether the log is left out."""

    words: str
    setting: str
    without_log: bool


WAYS = (
    Way("記録の読めるところまでを使って", jvm.LENIENT, without_log=False),
    Way("記録を使わず、最後に正しく止めたときの状態で", jvm.WITHOUT_LOG, without_log=True),
)


def rescue(settings: Settings, tell: Tell) -> Iterator[Diagnosis]:
    """What was done and what the store holds; one that cannot be made whole is left as it was.

    A copy of it stays beside it, as `neo4j.damaged`. Errors: CannotStart when there is no such store, something else
    uses it, or an earlier copy is in the way; NoRoom when there is no room for the copy.
    """
    home = _home(settings)
    copy = home.with_name("neo4j.damaged")
    if copy.exists():
        raise CannotStart(f"前に写した {copy} があります。別の場所に移してから、もう一度実行してください。")
    Space(home, settings.store_free_bytes + _size(home)).refuse_if_short()
    with lockfile.claim(home.parent, command="rescue") as claim:
        database = embedded.prepared(settings, claim, tell=tell)
        shutil.copytree(home, copy)
        for allowed, way in product(({"ok"}, {"ok", "later"}), WAYS):
            diagnoses = _opened_with(database, way, tell)
            if all(diagnosis.mark in allowed for diagnosis in diagnoses):
                yield from diagnoses
                yield Diagnosis("ok", f"元の状態の写しは {copy} にあります。要らなくなったら消してください")
                return
            tell(f"データベースを、{way.words}開こうとしました。完全ではないので、元に戻します。")
            _restore_copy(copy, home)
        yield from diagnoses
        yield Diagnosis("bad", "データベースを元のまま残しました", "バックアップを戻してください（ops/runbook.md）。")


def _home(settings: Settings) -> Path:
    if settings.neo4j_uri is not None:
        raise CannotStart(
            "rescue が開けるのは、データの場所のデータベースだけです。TETSUZUKI_NEO4J_URI を外してください。"
        )
    home = embedded.data_dir(settings) / "neo4j"
    if not (home / "data").is_dir():
        raise CannotStart(f"{home} に、データベースがありません。")
    return home


def _size(folder: Path) -> int:
    return sum(file.stat().st_size for file in folder.rglob("*") if file.is_file())


def _restore_copy(copy: Path, home: Path) -> None:
    for name in STORE:
        shutil.rmtree(home / name)
        shutil.copytree(copy / name, home / name)


def _opened_with(database: embedded.Embedded, way: Way, tell: Tell) -> list[Diagnosis]:
    """What the store holds, opened in this way; bad where it cannot be."""
    if way.without_log:
        shutil.rmtree(database.home / "transactions")
    database.open_with(way.setting)
    try:
        with embedded.running(database, tell=tell):
            return [Diagnosis("ok", f"データベースを、{way.words}開けました"), *asyncio.run(_diagnoses(database))]
    except CannotStart as error:
        return [Diagnosis("bad", error.message)]


async def _diagnoses(database: embedded.Embedded) -> list[Diagnosis]:
    graph = Graph.open(database.address, pool=1)
    try:
        flaws = await audit.verify(graph)
        diagnoses = list(store_findings([flaw.text for flaw in flaws if flaw.how != "short"]))
        diagnoses += [Diagnosis("later", flaw.text.rstrip("。"), ANCHOR) for flaw in flaws if flaw.how == "short"]
        if await editions.live(graph) is None:
            diagnoses.append(Diagnosis("bad", "公開中の版がありません"))
        editions_in_graph = [edition for edition in await editions.shown(graph) if not edition.archived]
        return diagnoses + [await _diagnosis_of_edition(graph, edition) for edition in editions_in_graph]
    finally:
        await graph.close()


async def _diagnosis_of_edition(graph: Graph, edition: Edition) -> Diagnosis:
    """Whether an edition holds the content that its hash names."""
    try:
        digest = content_hash(await catalogue.read_content(graph, edition.number))
    except (GuideError, LookupError, ValueError, TypeError):  # items that lack something, or cannot be read
        digest = None
    if digest is not None and digest == edition.content_hash:
        return Diagnosis("ok", f"第{edition.number}版の内容は、記録されたハッシュと一致します（{digest}）")
    return Diagnosis("bad", f"第{edition.number}版の内容が、記録されたハッシュと違います")
