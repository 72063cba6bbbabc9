"""The one way to write a content down: canonical bytes, their hash, and YAML for people."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Mapping
from typing import Any

import yaml
from pydantic import BaseModel

from service.content import registry
from service.content.fields import FieldEntry, Shape, fields_of
from service.content.models import Basis, Content

_DUMPER: Any = getattr(yaml, "CSafeDumper", yaml.SafeDumper)
_WIDTH = 1_000_000
_NUMBERS_BEGIN = tuple("+-.0123456789")


def canonical(content: Content) -> bytes:
    """The document by RFC 8785: what means the same has the same bytes (`ops/design/content-format.md`)."""
    return written(document(content))


def content_hash(content: Content) -> str:
    """SHA-256 of the canonical bytes, in lower-case hexadecimal."""
    return hashlib.sha256(canonical(content)).hexdigest()


def written(plain: Mapping[str, Any]) -> bytes:
    """Plain data of a content by RFC 8785, in a tenth of the time that the library takes.

    Python's own writer gives the same bytes as long as names are ASCII and numbers whole, as in every content (a test
    compares them).
    """
    text = json.dumps(plain, sort_keys=True, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    return text.encode()


def document(content: Content) -> dict[str, Any]:
    """The document as plain data: lists as sorted sets, what has an order in it, defaults left out."""
    plain: dict[str, Any] = {"format": content.format}
    for name in registry.current().lists:
        items = [plain_item(item) for item in getattr(content, name)]
        if items:
            plain[name] = sorted(items, key=lambda item: str(item["key"]))
    return plain


def plain_item(item: BaseModel) -> dict[str, Any]:
    """One item as plain data."""
    return _normal(item.model_dump(by_alias=True, exclude_defaults=True), fields_of(type(item)))


def _normal(fields: dict[str, Any], entries: Mapping[str, FieldEntry]) -> dict[str, Any]:
    """The fields with every value in its normal form, also those inside others."""
    for name, value in fields.items():
        entry = entries[name]
        if entry.is_record and entry.inner:
            value = fields[name] = _normal(value, fields_of(entry.inner))
        normal = _NORMAL.get(entry.shape)
        if normal:
            fields[name] = normal(value)
    return fields


def to_yaml(content: Content) -> str:
    """The document for people, in the order of the fields; reads back to the same canonical bytes."""
    text = yaml.dump(document(content), Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=_WIDTH)
    return str(text)


def as_yaml(content: Content) -> bytes:
    """The same as UTF-8, for files and pipes."""
    return to_yaml(content).encode()


def item_yaml(fields: Mapping[str, Any]) -> str:
    """One item for people, as it stands in the document of `to_yaml`."""
    return str(yaml.dump(dict(fields), Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=_WIDTH))


def _set(values: Iterable[str]) -> list[str]:
    return sorted(set(values))


def _sequence(values: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(values))


def _clauses(clauses: Iterable[Iterable[str]]) -> list[list[str]]:
    return [list(clause) for clause in sorted({tuple(_set(clause)) for clause in clauses})]


def _answers(answers: Mapping[str, Any]) -> dict[str, Any]:
    return {key: answer if answer == "unsure" else _set(answer) for key, answer in answers.items()}


def _method(method: Mapping[str, Any]) -> Any:
    return method if "note" in method else method["is"]


def _basis(basis: Mapping[str, str]) -> Any:
    """One word where every group rests on the same."""
    grounds = set(basis.values())
    return grounds.pop() if len(grounds) == 1 and len(basis) == len(fields_of(Basis)) else basis


def _records(records: Iterable[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    return list({json.dumps(record, sort_keys=True): record for record in records}.values())


_NORMAL: Mapping[Shape, Callable[[Any], Any]] = {
    "words": _set,
    "items": _set,
    "sequence": _sequence,
    "clauses": _clauses,
    "answers": _answers,
    "method": _method,
    "basis": _basis,
    "records": _records,
}
"""The normal form of values that can be written in several ways, by shape."""


class _Dumper(_DUMPER):  # type: ignore[misc]
    """Writes without aliases, and quotes what some version of YAML would take for something else."""

    def ignore_aliases(self, data: object) -> bool:
        return True


def _text(dumper: Any, text: str) -> Any:
    """What might be a number by YAML 1.2 is quoted; what is none by YAML 1.1 the library quotes itself."""
    style = '"' if text[:1] in _NUMBERS_BEGIN else "|" if "\n" in text else None
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=style)


_Dumper.add_representer(str, _text)
