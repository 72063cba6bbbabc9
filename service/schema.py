"""The schema of the store: constraints, indexes, and the version that each release brings forward."""

from __future__ import annotations

from service.errors import Refused
from service.graph import Graph, Transaction
from service.history import GENESIS

VERSION = 1
STATEMENTS = (
    "item_key", "edition_number", "change_seq", "chain_name",
    "life_event_edition", "question_edition", "procedure_edition", "term_edition",
)  # fmt: skip


async def prepare(graph: Graph) -> None:
    """Makes the store ready for this release; doing it again changes nothing.

    Errors: Refused when a later release has already moved the store on.
    """
    for name in STATEMENTS:

        async def apply(transaction: Transaction, name: str = name) -> None:
            await transaction.many("schema", name)

        await graph.write(apply)

    async def found(transaction: Transaction) -> int:
        row = await transaction.one("schema", "found", version=VERSION, head=GENESIS)
        return int(row["version"]) if row else VERSION

    version = await graph.write(found)
    if version > VERSION:
        raise Refused(
            f"データベースは新しい版の形式（{version}）です。このプログラムは形式{VERSION}までです。"
            "プログラムを新しくしてください。"
        )
