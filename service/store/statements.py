"""The Cypher statements: one per file under `cypher/<module>/`, with a header that says what it is for.

// For:     what it is for, in a sentence (may go on over several lines)
// Params:  edition, key
// Returns: one | many | nothing
// Access:  read | write
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from typing import Literal, cast

from service.settings import ROOT

FOLDER = ROOT / "cypher"
_FIELD = re.compile(r"^//\s*(For|Params|Returns|Access):\s*(.*)$")


@dataclass(frozen=True, slots=True)
class Statement:
    """One statement: its text without the header, and what the header says.

    In the text every parameter is an entry of one map, `$sent`: of parameters by themselves Neo4j makes a plan for each
    length that a list or a text may have (none, one, up to ten, …), of a map it makes one.
    """

    name: str
    text: str
    purpose: str
    params: tuple[str, ...]
    returns: Literal["one", "many", "nothing"]
    access: Literal["read", "write"]


def _header(source: str) -> tuple[dict[str, str], str]:
    fields: dict[str, str] = {}
    lines = source.splitlines()
    current = ""
    for index, line in enumerate(lines):
        if not line.startswith("//"):
            return fields, "\n".join(lines[index:]).strip()
        match = _FIELD.match(line)
        if match:
            current = match.group(1)
            fields[current] = match.group(2).strip()
        elif current:
            fields[current] += " " + line.removeprefix("//").strip()
    return fields, ""


def _with_param_map(text: str, params: tuple[str, ...]) -> str:
    if not params:
        return text
    return re.sub(rf"\$({'|'.join(map(re.escape, params))})\b(?!\()", r"$sent.\1", text)


def every() -> list[Statement]:
    """Every statement there is, by name."""
    files = sorted(FOLDER.rglob("*.cypher"))
    return [statement(file.parent.relative_to(FOLDER).as_posix(), file.stem) for file in files]


@cache
def statement(module: str, name: str) -> Statement:
    """The statement `cypher/<module>/<name>.cypher`; ValueError if its header is not whole, OSError if absent."""
    source = (FOLDER / module / f"{name}.cypher").read_text(encoding="utf-8")
    fields, text = _header(source)
    if not text or set(fields) != {"For", "Params", "Returns", "Access"}:
        raise ValueError(f"cypher/{module}/{name}.cypher: the header needs For, Params, Returns and Access")
    if fields["Returns"] not in {"one", "many", "nothing"} or fields["Access"] not in {"read", "write"}:
        raise ValueError(f"cypher/{module}/{name}.cypher: Returns or Access is not one of the allowed words")
    params = tuple(param.strip() for param in fields["Params"].split(",") if param.strip() not in {"", "none"})
    return Statement(
        name=f"{module}/{name}",
        text=_with_param_map(text, params),
        purpose=fields["For"],
        params=params,
        returns=cast(Literal["one", "many", "nothing"], fields["Returns"]),
        access=cast(Literal["read", "write"], fields["Access"]),
    )
