"""The page of an item with what is around it, drawn and as a list, and the way to any other item."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from fastapi import APIRouter, Request
from fastapi.responses import Response

from service.content import registry
from service.content.flow import flow
from service.editions import surroundings
from service.editions.surroundings import Mark, Surroundings
from service.errors import GuideError
from service.web.previews import Number
from service.web.staff import context, neighbours
from service.web.staff.context import Staff, StaffContext
from service.web.staff.drawing import Drawing
from service.web.staff.households import opens
from service.web.staff.items import ItemEntry, matching
from service.web.staff.layout import About, EditionPage
from service.web.staff.neighbours import Rows

router = APIRouter(include_in_schema=False)

MOST_FOUND = 50


@dataclass(frozen=True, kw_only=True)
class GraphSearchPage(EditionPage):
    """Items to begin with, or those that were looked for; `more` are left out."""

    template: ClassVar[str] = "staff/graph_search.html"

    words: str
    entries: Sequence[ItemEntry]
    more: int


@dataclass(frozen=True, kw_only=True)
class GraphPage(EditionPage):
    """An item in the middle, what residents come to before and after it: drawn, and as a list.

    `mark` is what became of it since the live edition, `is_compared` whether the live one is another. `begins`: it is
    what residents begin with, so that it has a map.
    """

    template: ClassVar[str] = "staff/graph.html"

    key: str
    name: str
    kind: str
    mark: Mark | None
    is_compared: bool
    begins: bool
    drawing: Drawing
    rows: Sequence[Rows]
    public: str | None


@router.get("/staff/editions/{number}/graph")
async def search(request: Request, number: Number, actor: Staff, words: str = "") -> Response:
    """Items to begin with, or those that were looked for; on to the only one."""
    page = await search_page(context.visit(request, actor), number, words=words)
    if words and len(page.entries) == 1:
        return context.onward(f"/staff/editions/{number}/graph/{page.entries[0].key}")
    return context.respond(page)


@router.get("/staff/editions/{number}/graph/{key}")
async def show(request: Request, number: Number, key: str, actor: Staff, done: str = "") -> Response:
    """An item with what is around it."""
    return context.respond(await graph_page(context.visit(request, actor), number, key=key, done=done))


async def search_page(visit: StaffContext, number: int, *, words: str) -> GraphSearchPage:
    """The items whose names or texts hold the words; without words those that residents begin with. Errors: NotFound."""
    about = await context.about(visit, number)
    found = (await visit.reviewer.content(about.edition))[1]
    links = flow()
    first = {key: item for key, item in found.items() if links.is_first(item.kind) and _is_drawn(item.kind)}
    entries = list(matching(found if words.strip() else first, found, of="", words=words))
    entries = [entry for entry in entries if _is_drawn(found[entry.key].kind)]
    return GraphSearchPage(
        frame=visit.frame,
        about=about,
        words=words,
        entries=entries[:MOST_FOUND],
        more=max(0, len(entries) - MOST_FOUND),
    )


def _is_drawn(kind: str) -> bool:
    return registry.kind(kind).about.drawn


async def graph_page(
    visit: StaffContext, number: int, *, key: str, done: str = "", refusal: GuideError | None = None
) -> GraphPage:
    """The page of an item and what is around it. Errors: NotFound, Archived."""
    about = await context.about(visit, number)
    live = about.live
    found = await surroundings.surroundings(visit.graph.latest, about.edition, key, live=live)
    around = found.around
    return GraphPage(
        frame=visit.frame,
        about=about,
        refusal=refusal,
        done=done,
        key=key,
        name=around.name,
        kind=registry.name_of(around.kind),
        mark=found.items.get(key),
        is_compared=live is not None and live.number != number,
        begins=flow().is_first(around.kind),
        drawing=neighbours.drawn(found, f"/staff/editions/{number}/graph"),
        rows=neighbours.listed(found),
        public=_public(about, found),
    )


def _public(about: About, found: Surroundings) -> str | None:
    """Where residents would see the item, in a preview or the live edition; None where they have no page of it."""
    kind = registry.kind(found.around.kind)
    begins = opens(about.edition, about.standing)
    if not kind.about.page or begins is None or found.items.get(found.around.key) == "removed":
        return None
    return f"{begins}/{kind.list_name}/{found.around.key}"
