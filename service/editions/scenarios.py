"""Scenarios: made-up households with what they expect, run through the residents' own Cypher, and made of any guidance
(ops/design/editions.md, "Scenarios"). What a household is told is kept under the hash of the rules that say it: an edit
of words runs no scenario anew."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace

from service.caching import PROCESS, Part
from service.content.canonical import plain_item
from service.content.models import FORMAT, Answer, Content, Guidance, Kind, Outline, Scenario
from service.content.patches import Item, items
from service.diff_text.differences import names
from service.diff_text.outcomes import Outcome, answers_of, deviation, differing
from service.editions import contents, keys
from service.editions.edits import Saved
from service.editions.requests import NewScenario
from service.errors import GuideError, NotFound
from service.guidance import codes, engine, replay
from service.guidance.answers import Dropped, Query
from service.guidance.requests import read_strictly
from service.store import editions
from service.store.catalogue import read_content
from service.store.graph import Graph, Reads

AT_ONCE = 8

Asked = tuple[str, tuple[str, ...], tuple[Answer, ...]]
"""The hash of the rules, life events, and answers."""

_guided: Part[Asked, Guidance] = PROCESS.part(lambda guidance: 600 + 1_200 * len(guidance.listed))


@dataclass(frozen=True, slots=True)
class Proposal:
    """A scenario to be put into a draft, as `edits.change` takes it.

    `dropped` are answers that do not count on the draft, `missing` procedures that apply where the guidance comes from
    and that the draft does not have: neither is in the scenario.
    """

    item: Item
    dropped: tuple[Dropped, ...] = ()
    missing: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class KeptScenario:
    """A scenario that was put into a draft, and the save that did it."""

    saved: Saved
    proposal: Proposal


async def run(
    graph: Graph, number: int, *, content: Content | None = None, only: Collection[str] | None = None
) -> list[Outcome]:
    """What becomes of the scenarios of an edition, by key; of those named in `only`, if given.

    `content` is that of the edition, if it is known already. Errors: NotFound, Archived, Unavailable.
    """
    content = content or await whole(graph, number)
    wanted = [scenario for scenario in content.scenarios if only is None or scenario.key in only]
    called = await asyncio.to_thread(lambda: names(items(content)))
    doors = asyncio.Semaphore(AT_ONCE)
    rules = await asyncio.to_thread(engine.rules, content)
    fresh: dict[Asked, Guidance] = {}

    async def run_one(scenario: Scenario) -> Outcome:
        asked = (rules, tuple(scenario.life_events), answers_of(scenario))
        async with doors:
            known = _guided.get(asked)
            if known is None:
                known = fresh[asked] = await engine.select(graph.latest, number, events=asked[1], answers=asked[2])
            guidance = replace(known, edition=number)
            return await outcome(graph.latest, number, scenario=scenario, guidance=guidance, called=called)

    wanted.sort(key=lambda scenario: scenario.key)
    # The first one alone: a database that has just started would otherwise plan the same statement eight times.
    first = [await run_one(scenario) for scenario in wanted[:1]]
    outcomes = first + list(await asyncio.gather(*map(run_one, wanted[1:])))
    if fresh and await _still(graph, number, rules=rules):
        for asked, guidance in fresh.items():
            _guided.put(asked, guidance)
    return outcomes


async def _still(graph: Graph, number: int, *, rules: str) -> bool:
    """Whether the edition still has these rules, so that all that was just read of it follows from them."""
    try:
        edition = await editions.numbered(graph.latest, number)
        content = (await contents.of_edition(graph.latest, edition)).content
    except GuideError:
        return False
    return await asyncio.to_thread(engine.rules, content) == rules


async def whole(graph: Graph, number: int) -> Content:
    """The content of an edition in whatever state, also while it is being built. Errors: NotFound, Archived, Refused
    while it is being changed."""
    try:
        return (await contents.in_graph(graph.latest, number)).content
    except NotFound:
        content = await read_content(graph, number)
        if content == Content(format=FORMAT):
            raise
        return content


async def outcome(
    reads: Reads, number: int, *, scenario: Scenario, guidance: Guidance, called: Mapping[str, str]
) -> Outcome:
    """What becomes of one scenario on an edition with that guidance; `called` names the items (`differences.names`)."""
    events, said = tuple(scenario.life_events), answers_of(scenario)
    outline = Outline(number, {}, {})
    deviations = [
        deviation(
            await engine.explain(reads, outline, events=events, answers=said, procedure=procedure),
            how=how,
            names=called,
        )
        for procedure, how in differing(scenario, guidance).items()
    ]
    return Outcome(scenario, guidance, tuple(deviations))


async def proposed(
    graph: Graph,
    into: int,
    *,
    name: str,
    said: Query,
    on: int | None = None,
    outline: Outline | None = None,
    rules_out: Collection[str] = (),
    note: str | None = None,
) -> Proposal:
    """A scenario of what a household said on edition `on` (without it: on the draft itself), for the draft `into`.

    It expects what applies there, and rules out what the caller names. `outline` is that of edition `on`, if it is
    known; with an archived edition it has to be, and what the draft says is expected. Errors: NotFound where no life
    event is left, Archived, Unavailable.
    """
    draft = await whole(graph, into)
    target, there = _outline(draft, into), {procedure.key for procedure in draft.procedures}
    origin = await editions.numbered(graph.latest, into if on is None else on)
    if outline is None:
        outline = target if origin.number == into else _outline(await whole(graph, origin.number), origin.number)
    carried = replay.replay(said, outline, new=target)
    shown, asked = (into, carried.query) if origin.archived or origin.number == into else (origin.number, said)
    guidance = await engine.select(graph.latest, shown, events=asked.life_events, answers=asked.answers)
    applies = {listed.procedure for listed in guidance.listed if listed.status == "applies"}
    scenario = Scenario(
        key=await keys.fresh(graph.latest, Kind.SCENARIO, name=name),
        name=name,
        life_events=list(carried.query.life_events),
        answers={
            answer.question: "unsure" if answer.unsure else list(answer.options) for answer in carried.query.answers
        },
        expects=sorted(applies & there),
        rules_out=sorted(set(rules_out) & there - applies),
        note=note,
    )
    missing = tuple(sorted({*applies, *rules_out} - there))
    return Proposal(Item(Kind.SCENARIO, plain_item(scenario)), carried.changes, missing)


async def from_code(
    graph: Graph,
    into: int,
    *,
    code: str,
    name: str,
    rules_out: Collection[str] = (),
    note: str | None = None,
    outline: Outline | None = None,
) -> Proposal:
    """A scenario of a printed code in its typed form `N-CODE`; `outline` as for `proposed`.

    Errors: NotFound for a code that is none, OtherContent, Archived, Unavailable.
    """
    number, bare = codes.read_typed(code)
    codes.checked(bare, number)
    edition = await editions.numbered(graph.latest, number)
    if outline is None:
        outline = _outline(await whole(graph, number), number)
    events, said = codes.decode(bare, edition, outline)
    return await proposed(
        graph, into, name=name, said=Query(events, said), on=number, outline=outline, rules_out=rules_out, note=note
    )


async def of_request(graph: Graph, into: int, request: NewScenario) -> Proposal:
    """The scenario that was asked for: of a printed code if there is one, else of the answers.

    Errors: InvalidRequest for answers that the draft does not know, NotFound, Archived, Unavailable.
    """
    if request.code and request.code.strip():
        return await from_code(
            graph,
            into,
            code=request.code.strip(),
            name=request.name,
            rules_out=request.rules_out,
            note=request.note,
        )
    said = read_strictly(request.raw(), await outline(graph, into))
    return await proposed(graph, into, name=request.name, said=said, rules_out=request.rules_out, note=request.note)


async def outline(graph: Graph, number: int) -> Outline:
    """What answers are read against, on an edition in whatever state. Errors: NotFound, Archived."""
    return _outline(await whole(graph, number), number)


def _outline(content: Content, number: int) -> Outline:
    """What answers are read against, of a content."""
    return Outline.of(number, content.life_events, content.questions)
