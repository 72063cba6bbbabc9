"""The page of an item with what is around it, drawn and as a list, and the way to any other item."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar

from fastapi import APIRouter, Request
from fastapi.responses import Response

from service.analysis.reach import EventReach
from service.content import registry
from service.content.flow import flow
from service.content.models import Kind
from service.diff_text import differences
from service.editions import contents, edits, item_effects, surroundings
from service.editions.surroundings import Mark, Surroundings
from service.errors import GuideError
from service.web.previews import Number
from service.web.staff import collisions, context, neighbours
from service.web.staff.context import Staff, StaffContext
from service.web.staff.drawing import Drawing
from service.web.staff.households import opens, said, share_of
from service.web.staff.items import ItemEntry, matching
from service.web.staff.layout import About, EditionPage
from service.web.staff.neighbours import Rows

router = APIRouter(include_in_schema=False)

MOST_FOUND = 50
MOST_DEPENDENTS = 200
PATIENCE_SECONDS = 0.5
"""So long the page waits for what is worked out over all answer patterns."""


@dataclass(frozen=True, kw_only=True)
class GraphSearchPage(EditionPage):
    """Items to begin with, or those that were looked for; `more` are left out. `maps` are those that have one."""

    template: ClassVar[str] = "staff/graph_search.html"

    words: str
    entries: Sequence[ItemEntry]
    more: int
    maps: Collection[str]


@dataclass(frozen=True, slots=True)
class ReachLine:
    """Who comes to the item under a life event: how many of all answer patterns (None: not known), which `share` in
    words; `example` is a household in words, `address` where it is guided."""

    event: str
    patterns: int
    count: int | None
    share: str
    example: tuple[str, ...]
    address: str | None


@dataclass(frozen=True, slots=True)
class Dependents:
    """The items of one kind that depend on the one in the middle; `more` are left out."""

    kind: str
    count: int
    entries: Sequence[ItemEntry]
    more: int


@dataclass(frozen=True, kw_only=True)
class GraphPage(EditionPage):
    """An item in the middle, what residents come to before and after it: drawn, and as a list.

    `mark` is what became of it since the live edition, `is_compared` whether the live one is another. `has_map`: it is
    a life event. `reach` None: nobody comes to such items; `is_reach_known` False: it is still being worked out.
    `revisions` are those of the items of a draft that could be disconnected, `collision` tells who was in the way.
    """

    template: ClassVar[str] = "staff/graph.html"

    key: str
    name: str
    kind: str
    mark: Mark | None
    is_compared: bool
    has_map: bool
    drawing: Drawing
    rows: Sequence[Rows]
    public: str | None
    dependents: Sequence[Dependents]
    reach: Sequence[ReachLine] | None
    is_reach_known: bool
    revisions: Mapping[str, int]
    note: str
    collision: str


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
    """The items whose names or texts hold the words; without words what residents begin with. Errors: NotFound."""
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
        maps={key for key, item in first.items() if item.kind == Kind.LIFE_EVENT},
    )


def _is_drawn(kind: str) -> bool:
    return registry.kind(kind).about.drawn


async def graph_page(
    visit: StaffContext, number: int, *, key: str, done: str = "", note: str = "", refusal: GuideError | None = None
) -> GraphPage:
    """The page of an item and what is around it. Errors: NotFound, Archived."""
    about = await context.about(visit, number)
    live = about.live
    found = await surroundings.surroundings(visit.graph.latest, about.edition, key, live=live)
    around, snapshot = found.around, await contents.of_edition(visit.graph.latest, about.edition)
    is_there = key in snapshot.items
    is_draft = about.standing == "draft"
    base = await contents.of_edition(visit.graph.latest, about.base) if about.base and is_draft else None
    depending = await item_effects.dependents(snapshot, key, beside=base) if is_there else {}
    reached = await item_effects.reach(snapshot, key, seconds=PATIENCE_SECONDS) if is_there else (None,)
    names = differences.names(snapshot.items)
    rows = neighbours.listed(found)
    holders = {edge.holder for group in rows for row in group.rows for edge in row.edges}
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
        has_map=around.kind == Kind.LIFE_EVENT,
        drawing=neighbours.drawn(found, f"/staff/editions/{number}/graph"),
        rows=rows,
        public=_public(about, found),
        dependents=_dependents(depending, names),
        reach=_reach(about, reached[0], names) if reached and reached[0] is not None else None,
        is_reach_known=reached is not None,
        revisions=await edits.revisions_of(visit.graph.latest, number, holders) if is_draft else {},
        note=note,
        collision=await collisions.told(visit.graph.latest, refusal),
    )


def _dependents(found: Mapping[str, Sequence[str]], names: Mapping[str, str]) -> list[Dependents]:
    return [
        Dependents(
            registry.name_of(kind),
            len(keys),
            [ItemEntry(key, names[key], registry.name_of(kind)) for key in keys[:MOST_DEPENDENTS]],
            max(0, len(keys) - MOST_DEPENDENTS),
        )
        for kind, keys in found.items()
    ]


def _reach(about: About, found: Sequence[EventReach], names: Mapping[str, str]) -> list[ReachLine]:
    begins = opens(about.edition, about.standing)
    return [
        ReachLine(
            names[one.event],
            one.patterns,
            one.count,
            "" if one.count is None else share_of(one.count, one.patterns),
            () if one.example is None else said([one.event], one.example, names=names),
            None
            if one.example is None or begins is None
            else f"{begins}/result?{context.household_address(one.event, one.example)}",
        )
        for one in found
    ]


def _public(about: About, found: Surroundings) -> str | None:
    """Where residents would see the item, in a preview or the live edition; None where they have no page of it."""
    kind = registry.kind(found.around.kind)
    begins = opens(about.edition, about.standing)
    if not kind.about.page or begins is None or found.items.get(found.around.key) == "removed":
        return None
    return f"{begins}/{kind.list_name}/{found.around.key}"
