"""`python -m tests.lists` writes `ops/queries.md` anew from the headers of the statements; tests compare the two."""

from __future__ import annotations

from itertools import groupby

from service.settings import ROOT
from service.store.statements import FOLDER, Statement, statement

QUERIES = ROOT / "ops" / "queries.md"
HEAD = "| statement | for | parameters | returns | access |\n|---|---|---|---|---|"


def statement_row(one: Statement) -> str:
    """The row of `ops/queries.md`, made from the header."""
    params = ", ".join(f"`{name}`" for name in one.params) or "–"
    return f"| `{one.name}` | {one.purpose} | {params} | {one.returns} | {one.access} |"


def queries() -> str:
    """The whole list, behind the words that it begins with."""
    files = sorted(FOLDER.rglob("*.cypher"))
    parts = [QUERIES.read_text(encoding="utf-8").partition("\n## ")[0].rstrip()]
    for folder, found in groupby(files, key=lambda file: file.parent.relative_to(FOLDER).as_posix()):
        rows = [statement_row(statement(folder, file.stem)) for file in found]
        parts.append("\n".join([f"## {folder}\n", HEAD, *rows]))
    return "\n\n".join(parts) + "\n"


if __name__ == "__main__":
    QUERIES.write_text(queries(), encoding="utf-8")
