"""The canonical form of a content document and its hash (ops/design/content-format.md): equal meaning, equal bytes."""

from __future__ import annotations

import hashlib
from typing import Any

import rfc8785

from service.models import Content

METHODS = ("postal", "proxy", "online", "prepare_in_advance")


def canonical(content: Content) -> bytes:
    """RFC 8785 bytes: sets sorted without repeats, options in list order, defaults and nulls left out, no newline."""
    return rfc8785.dumps(document(content))


def content_hash(content: Content) -> str:
    """The SHA-256 of the canonical bytes in lower-case hexadecimal."""
    return hashlib.sha256(canonical(content)).hexdigest()


def document(content: Content) -> dict[str, Any]:
    """The canonical form as plain data."""
    plain = content.model_dump(mode="json", by_alias=True, exclude_defaults=True, exclude_none=True)
    return {
        name: sorted((_item(name, item) for item in value), key=lambda item: str(item["key"]))
        for name, value in plain.items()
        if name != "format" and value
    } | {"format": 1}


def _item(kind: str, item: dict[str, Any]) -> dict[str, Any]:
    """One item with its sets sorted; what is empty or the default is not there."""
    made = {name: _value(name, value) for name, value in item.items()}
    return {name: value for name, value in made.items() if value != [] and value != {} or name == "deadline"}


def _value(name: str, value: Any) -> Any:
    if name == "options":
        return value
    if name in METHODS:
        return value if value.get("note") else value["is"]
    if name == "requires":
        return _clauses(value)
    if name == "answers":
        return {question: said if said == "unsure" else sorted(set(said)) for question, said in value.items()}
    if isinstance(value, list):
        return sorted(set(value))
    return value


def _clauses(clauses: list[list[str]]) -> list[list[str]]:
    return [list(clause) for clause in sorted({tuple(sorted(set(clause))) for clause in clauses})]
