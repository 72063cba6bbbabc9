"""The page of the items of an edition."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar

from fastapi import APIRouter, Request
from fastapi.responses import Response

from service.content import japanese, registry
from service.content.patches import Item
from service.content.words import spelt
from service.diff_text import differences
from service.web.previews import Number
from service.web.staff import context
from service.web.staff.context import Staff, StaffContext
from service.web.staff.layout import EditionPage

router = APIRouter(include_in_schema=False)


AT_ONCE = 50


@dataclass(frozen=True, slots=True)
class ItemEntry:
    """An item in a list; `change` is what became of it since the base, None where nothing did."""

    key: str
    name: str
    kind: str
    change: str | None = None


@dataclass(frozen=True, kw_only=True)
class ItemsPage(EditionPage):
    """The items of an edition, of one kind or all, whose name or key holds the words."""

    template: ClassVar[str] = "staff/items.html"

    entries: Sequence[ItemEntry]
    count: int
    start: int
    of: str
    words: str
    kinds: Mapping[str, str]


@router.get("/staff/editions/{number}/items")
async def show(
    request: Request, number: Number, actor: Staff, of: str = "", words: str = "", start: int = 0
) -> Response:
    """The items of an edition."""
    return context.respond(await items_page(context.visit(request, actor), number, of=of, words=words, start=start))


async def items_page(visit: StaffContext, number: int, *, of: str, words: str, start: int) -> ItemsPage:
    """The list; `of` is a list of the content document, or empty for all. Errors: NotFound."""
    about = await context.about(visit, number)
    items = (await visit.reviewer.content(about.edition))[1]
    base = (await visit.reviewer.content(about.base))[1] if about.base else items
    chosen = list(matching(items, base, of=of, words=words))
    start = start if 0 <= start < max(1, len(chosen)) else 0
    return ItemsPage(
        frame=visit.frame,
        about=about,
        entries=chosen[start : start + AT_ONCE],
        count=len(chosen),
        start=start,
        of=of,
        words=words,
        kinds={name: kind.name for name, kind in registry.current().lists.items()},
    )


def matching(items: Mapping[str, Item], base: Mapping[str, Item], *, of: str, words: str) -> Iterator[ItemEntry]:
    """The items of a kind (or of all) whose names, key or texts hold the words, by kind and name."""
    names, wanted = differences.names(items), spelt(words).forms
    order = list(registry.current().kinds)
    ranked = sorted(items.values(), key=lambda item: (order.index(item.kind), names[item.key]))
    for item in ranked:
        kind = registry.kind(item.kind)
        if of and kind.list_name != of:
            continue
        texts = (names[item.key], item.key, *kind.texts(item.fields, names=True))
        if wanted and not _holds(japanese.folded(" ".join(texts)), wanted):
            continue
        change = None if base.get(item.key) == item else "変更" if item.key in base else "追加"
        yield ItemEntry(item.key, names[item.key], kind.name, change)


def _holds(text: str, forms: Iterable[str]) -> bool:
    return any(form in text for form in forms)
