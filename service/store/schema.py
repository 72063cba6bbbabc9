"""The schema of the store: constraints, indexes, and the version that each release brings forward."""

from __future__ import annotations

from service.errors import Refused
from service.store.graph import Graph, Transaction

GENESIS = "0" * 64
"""What the first change of the history is sealed to: there is none before it."""
VERSION = 7
OLDEST = 6
"""The schema that can still be brought forward: 7 added accounts, and nothing that was there is different."""
STATEMENTS = (
    "item_key",
    "edition_number",
    "edition_standing",
    "change_seq",
    "change_by",
    "change_edition",
    "chain_name",
    "touched_key",
    "archive_edition",
    "layer_hash",
    "life_event_edition",
    "question_edition",
    "procedure_edition",
    "term_edition",
    "invitation_digest",
    "session_digest",
    "preview_digest",
    "preview_edition",
    "account_id",
    "account_sign_in",
    "attempts_subject",
    "session_actor",
)


class Damaged(Refused):
    """The store holds a history without what belongs to it."""


async def prepare(graph: Graph) -> None:
    """Makes the store ready for this release, also one of `OLDEST`; doing it again changes nothing.

    Errors: Refused for a store of a release that is newer or too old; then nothing is changed.
    """
    await checked_version(graph)
    for name in STATEMENTS:
        await _apply(graph, name)

    async def found_store(transaction: Transaction) -> None:
        await transaction.many("store/schema", "found", version=VERSION, head=GENESIS)

    await graph.write(found_store)


async def ensure(graph: Graph) -> None:
    """Prepares the store if that was not done. Errors: as of `prepare`."""
    row = await graph.latest.one("store/schema", "version")
    if row is None or await checked_version(graph) < VERSION:
        await prepare(graph)


async def checked_version(graph: Graph) -> int:
    """The schema version of the store, ours for one never prepared.

    Errors: Refused for one that this release cannot bring forward; Damaged.
    """
    row = await graph.latest.one("store/schema", "version")
    if row and row["version"] is None:
        raise Damaged("形式の番号が消えています。")
    version = int(row["version"]) if row else VERSION
    if version > VERSION:
        raise Refused(
            f"データベースは新しい版の形式（{version}）です。このプログラムは形式{VERSION}までです。"
            "プログラムを新しくしてください。"
        )
    if version < OLDEST:
        raise Refused(
            f"データベースは前の版の形式（{version}）で、形式{VERSION}にはできません。"
            "前のプログラムの「tetsuzuki export」で内容を書き出し、空のデータの場所に取り込んでください。"
        )
    return version


async def _apply(graph: Graph, name: str) -> None:
    async def apply(transaction: Transaction) -> None:
        await transaction.many("store/schema", name)

    await graph.write(apply)
