"""The pages of scenarios: all of them run now, and a household kept as one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from fastapi import APIRouter, Request
from fastapi.responses import Response

from service.diff_text import outcomes
from service.diff_text.outcomes import Outcome
from service.editions import requests, responses, scenarios
from service.editions.requests import NewScenario
from service.errors import GuideError, InvalidRequest
from service.guidance import answers
from service.guidance.answers import Query
from service.web.previews import Number
from service.web.staff import context, households
from service.web.staff.context import Form, Staff, StaffContext
from service.web.staff.layout import EditionPage

router = APIRouter(include_in_schema=False)


HOUSEHOLD = ("event", "a")


@dataclass(frozen=True, slots=True)
class Case:
    """A scenario as it came out, its household in words and as an address."""

    outcome: Outcome
    said: tuple[str, ...]
    household: str


@dataclass(frozen=True, kw_only=True)
class ScenariosPage(EditionPage):
    """Every scenario of an edition: red ones say what differs and why."""

    template: ClassVar[str] = "staff/scenarios.html"

    red: Sequence[Case]
    green: Sequence[Case]
    opens: str | None


@dataclass(frozen=True, kw_only=True)
class NewScenarioPage(EditionPage):
    """A household about to be kept as a scenario: what it says, and what the edition says to it."""

    template: ClassVar[str] = "staff/new_scenario.html"

    name: str
    code: str
    note: str
    fields: Sequence[tuple[str, str]]
    said: Sequence[str]
    expects: Sequence[str]
    opens: str | None


@router.get("/staff/editions/{number}/scenarios")
async def show(request: Request, number: Number, actor: Staff, done: str = "") -> Response:
    """The scenarios of an edition, run now."""
    return context.respond(await scenarios_page(context.visit(request, actor), number, done=done))


@router.get("/staff/editions/{number}/new-scenario")
async def show_new(request: Request, number: Number, actor: Staff) -> Response:
    """The form that keeps a household as a scenario; on to the edition that is no draft."""
    pairs = request.query_params.multi_items()
    page = await new_scenario_page(context.visit(request, actor), number, pairs=pairs)
    return context.respond(page) if page.standing == "draft" else context.onward(f"/staff/editions/{number}")


@router.post("/staff/editions/{number}/new-scenario")
async def submit(request: Request, number: Number, form: Form) -> Response:
    """Keeps a household as a scenario of a draft."""
    visit = context.visit(request, form.actor)
    pairs = [pair for pair in form.fields if pair[0] in HOUSEHOLD]
    typed = {name: form.get(name) for name in ("name", "code", "note")}
    try:
        request_typed = await _wanted(visit, number, pairs=pairs, typed=typed)
        await visit.service.keep_scenario(number, request_typed, by=form.actor)
    except GuideError as error:
        return await context.again(error, new_scenario_page(visit, number, pairs=pairs, refusal=error, **typed))
    return context.onward(f"/staff/editions/{number}/scenarios?done=kept")


async def scenarios_page(visit: StaffContext, number: int, *, done: str = "") -> ScenariosPage:
    """The page of the scenarios, all of them run now. Errors: NotFound, Archived, Unavailable."""
    about = await context.about(visit, number)
    names = await visit.reviewer.names(about.edition)
    cases = [_case(outcome, names) for outcome in await scenarios.run(visit.graph, number)]
    return ScenariosPage(
        frame=visit.frame,
        about=about,
        done=done,
        opens=households.opens(about.edition, about.standing),
        red=[case for case in cases if not case.outcome.green],
        green=[case for case in cases if case.outcome.green],
    )


def _case(outcome: Outcome, names: Mapping[str, str]) -> Case:
    events, household = tuple(outcome.scenario.life_events), outcomes.answers_of(outcome.scenario)
    return Case(
        outcome, households.said(events, household, names=names), answers.write_address(Query(events, household))
    )


async def _wanted(
    visit: StaffContext, number: int, *, pairs: Sequence[tuple[str, str]], typed: Mapping[str, str]
) -> NewScenario:
    """The scenario that the form asks for: of a printed code, or of answers. Errors: InvalidRequest."""
    fields: dict[str, Any] = dict(typed)
    if not typed["code"].strip():
        query = answers.read_address(pairs, await scenarios.outline(visit.graph, number))
        if answers.fields(query) != list(pairs):
            raise InvalidRequest("世帯の答えに、この下書きでは読み取れないものがあります。画面を開き直してください。")
        fields["life_events"] = list(query.life_events)
        fields["answers"] = responses.household(query.answers)
    return requests.read(NewScenario, fields)


async def new_scenario_page(
    visit: StaffContext,
    number: int,
    *,
    pairs: Sequence[tuple[str, str]],
    name: str = "",
    code: str = "",
    note: str = "",
    refusal: GuideError | None = None,
) -> NewScenarioPage:
    """The form that keeps a household as a scenario; without answers it asks for a printed code."""
    about = await context.about(visit, number)
    names = await visit.reviewer.names(about.edition)
    said: tuple[str, ...] = ()
    expects: list[str] = []
    fields: list[tuple[str, str]] = []
    household = [pair for pair in pairs if pair[0] in HOUSEHOLD]
    if household:
        query = answers.read_address(household, await scenarios.outline(visit.graph, number))
        fields = answers.fields(query)
        item = (await scenarios.proposed(visit.graph, number, name="-", said=query)).item
        said = households.said(query.life_events, query.answers, names=names)
        expects = [names.get(key, key) for key in item.fields.get("expects", ())]
    return NewScenarioPage(
        frame=visit.frame,
        about=about,
        refusal=refusal,
        name=name,
        code=code,
        note=note,
        fields=fields,
        said=said,
        expects=expects,
        opens=households.opens(about.edition, about.standing),
    )
