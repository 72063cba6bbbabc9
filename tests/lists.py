"""`python -m tests.lists` writes `ops/queries.md` anew from the headers of the statements; tests compare the two."""

from __future__ import annotations

from itertools import groupby

from service.settings import ROOT
from service.store.statements import FOLDER, Statement, statement

QUERIES = ROOT / "ops" / "queries.md"
HEAD = "| statement | for | parameters | returns | access |\n|---|---|---|---|---|"


def statements() -> list[Statement]:
    """Every statement of `cypher/`; reading one fails when its header is not whole."""
    files = sorted(FOLDER.rglob("*.cypher"))
    return [statement(file.parent.relative_to(FOLDER).as_posix(), file.stem) for file in files]


def statement_row(one: Statement) -> str:
    """The row of `ops/queries.md`, made from the header."""
    params = ", ".join(f"`{name}`" for name in one.params) or "–"
    return f"| `{one.name}` | {one.purpose} | {params} | {one.returns} | {one.access} |"


def queries() -> str:
    """The whole list, behind the words that it begins with."""
    parts = [QUERIES.read_text(encoding="utf-8").partition("\n## ")[0].rstrip()]
    for folder, found in groupby(statements(), key=lambda one: one.name.rpartition("/")[0]):
        parts.append("\n".join([f"## {folder}\n", HEAD, *map(statement_row, found)]))
    return "\n\n".join(parts) + "\n"


if __name__ == "__main__":
    QUERIES.write_text(queries(), encoding="utf-8")
