"""Documents of format 1, converted: one `status` and one `scope` said for a whole procedure what it rests on, and a
list that was left out was the same as an empty one.

Nothing gains certainty on the way: what the old words do not say is unknown afterwards.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

from pydantic import ValidationError

from service.content.field_errors import FieldFault, told
from service.content.fields import Label
from service.content.models import Day, Ground, Strict, Text, Url

FORMAT = 1

_STATE_HOST = ".go.jp"
_UNCHECKED = "要確認"
_LAW = ("duty", "deadline", "amount")
"""The groups that a nationwide procedure has from its statute; how they are done is each city's own way."""
_CITY = ("documents", "postal", "proxy", "online", "prepare", "fee")
_UNKNOWN_WHERE_EMPTY = ("needs", "handled_at", "governed_by")
_NEW = {
    "procedures": ("basis", "sources", "amount", "if_late", "done_with"),
    "windows": ("basis", "sources", "alternative_hours", "online_booking_url"),
    "documents": ("basis",),
}


class _OldFields(Strict):
    """The fields of procedures and windows that format 2 has no more."""

    status: Literal["verified", "unverified"] = "unverified"
    source: Text | None = None
    source_url: Url | None = None
    checked_on: Annotated[Day | None, Label("確認した日")] = None
    scope: Literal["national", "prefecture", "city", "example"] = "city"
    consequence: Text | None = None


_OLD = {
    "procedures": tuple(_OldFields.model_fields),
    "windows": ("status", "source_url", "checked_on"),
}


def converted(document: Mapping[str, Any]) -> tuple[dict[str, Any], list[FieldFault]]:
    """The document in format 2, and what is wrong with the fields that were converted; the rest is left as it is.

    Fields that only format 2 has are refused in it.
    """
    faults: list[FieldFault] = []
    newer = dict(document)
    for name, items in document.items():
        if name in {"procedures", "windows", "documents", "laws"} and isinstance(items, list):
            newer[name] = [_item(name, index, item, faults) for index, item in enumerate(items)]
    return newer, faults


def _item(name: str, index: int, item: Any, faults: list[FieldFault]) -> Any:
    if not isinstance(item, dict):
        return item
    faults.extend(_too_new(name, index, item))
    if name == "laws":
        unchecked = _UNCHECKED in str(item.get("article") or "")
        return {field: value for field, value in item.items() if field != "article" or not unchecked}
    kept = {field: value for field, value in item.items() if field not in _OLD.get(name, ())}
    if name not in _OLD:
        return kept
    try:
        old = _OldFields.model_validate({field: item[field] for field in _OLD[name] if field in item})
    except ValidationError as error:
        key = item["key"] if isinstance(item.get("key"), str) else None
        faults.extend(FieldFault((name, index, *place), message, key) for place, message in told(error, _OldFields))
        return kept
    if name == "windows":
        return kept | _said(basis="city" if old.status == "verified" else None, sources=_window_sources(old))
    return _procedure(kept, old)


def _too_new(name: str, index: int, item: Mapping[str, Any]) -> list[FieldFault]:
    message = "「{}」は書式 2 の項目です。「format: 2」と書き、ほかの項目も書式 2 に直してください。"
    return [FieldFault((name, index, field), message.format(field)) for field in _NEW.get(name, ()) if field in item]


def _procedure(kept: dict[str, Any], old: _OldFields) -> dict[str, Any]:
    for field in _UNKNOWN_WHERE_EMPTY:
        if kept.get(field) == []:
            del kept[field]
    return kept | _said(if_late=old.consequence, basis=_basis(kept, old), sources=_sources(old))


def _said(**fields: Any) -> dict[str, Any]:
    return {field: value for field, value in fields.items() if value}


def _basis(procedure: Mapping[str, Any], old: _OldFields) -> Ground | dict[str, Ground] | None:
    """What the groups of facts rest on, as far as scope, status and source say.

    What has the scope of the city is the city's own word, confirmed or not. A nationwide procedure has its duty and its
    period from the law; the rest is the city's where the city confirmed it, and else what other cities do. That an
    application is open online is known where its address is one of the state.
    """
    confirmed = old.status == "verified"
    if old.scope == "example":
        return "elsewhere"
    if old.scope == "city":
        return "city"
    basis: dict[str, Ground] = dict.fromkeys(_LAW, "law")
    basis |= dict.fromkeys((*_CITY, "windows"), "city" if confirmed else "elsewhere")
    if not confirmed and _is_of_the_state(procedure.get("online_url")):
        basis["online"] = "law"
    return basis


def _is_of_the_state(url: Any) -> bool:
    host = urlsplit(url).hostname if isinstance(url, str) else None
    return host is not None and host.endswith(_STATE_HOST)


def _sources(old: _OldFields) -> list[dict[str, Any]]:
    if not old.source and not old.source_url:
        return []
    ground: Ground | None = "city" if old.scope == "city" and old.source_url else None
    if old.scope == "example":
        ground = "elsewhere"
    elif old.scope != "city":
        ground = "law" if _is_of_the_state(old.source_url) else "elsewhere"
    return [_said(url=old.source_url, title=old.source, basis=ground, checked_on=old.checked_on)]


def _window_sources(old: _OldFields) -> list[dict[str, Any]]:
    ground: Ground | None = "city" if old.status == "verified" else None
    return [_said(url=old.source_url, basis=ground, checked_on=old.checked_on)] if old.source_url else []
