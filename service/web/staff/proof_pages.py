"""The pages of findings and scenarios of an edition as plain data, and of a scenario to be made of a household."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from service.analysis.findings import ORDER, Finding, Severity
from service.content.models import Answer, Edition
from service.diff_text import differences, outcomes
from service.diff_text.outcomes import Outcome
from service.editions import findings as edition_findings
from service.editions import preview_links, requests, responses, scenarios
from service.editions.requests import NewScenario
from service.errors import GuideError
from service.guidance import answers
from service.guidance.answers import Query
from service.web.staff.context import EditionPage, Visit, about


@dataclass(frozen=True, slots=True)
class Named:
    """An item that a finding is about; an option leads to its question."""

    key: str
    name: str


@dataclass(frozen=True, slots=True)
class Shown:
    """A finding with its items, and the answers of its household as an address (None without one) and in words."""

    finding: Finding
    items: tuple[Named, ...]
    household: str | None
    said: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class SameKind:
    """All findings of one kind with the same advice: what to do is said once."""

    code: str
    severity: Severity
    found: tuple[Shown, ...]


@dataclass(frozen=True, kw_only=True)
class FindingsPage(EditionPage):
    """What is wrong with an edition, by severity; `opens` is where its residents' pages begin, if anywhere."""

    template: ClassVar[str] = "staff/findings.html"

    groups: Mapping[Severity, Sequence[SameKind]]
    sizes: Mapping[Severity, int]
    opens: str | None


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


def opens(edition: Edition, state: str) -> str | None:
    """The beginning of the addresses under which residents' pages show this edition; None where none do."""
    if preview_links.is_previewed(edition):
        return f"/preview/{edition.number}"
    return "" if state == "live" else None


async def findings(visit: Visit, number: int, *, done: str = "") -> FindingsPage:
    """The page of what is wrong. Errors: NotFound, Archived, Unavailable."""
    fields = await about(visit, number)
    found = await edition_findings.kept(visit.graph, fields["edition"])
    names = differences.names((await visit.reviewer.content(fields["edition"]))[1])
    groups: dict[Severity, list[SameKind]] = {severity: [] for severity in ORDER}
    kinds: dict[tuple[Severity, str, str], list[Shown]] = {}
    for one in found:
        kinds.setdefault((one.severity, one.code, one.advice), []).append(_shown(one, names))
    for (severity, code, _), same in kinds.items():
        groups[severity].append(SameKind(code, severity, tuple(same)))
    return FindingsPage(
        **fields,
        done=done,
        groups=groups,
        opens=opens(fields["edition"], fields["standing"]),
        sizes={severity: sum(one.severity == severity for one in found) for severity in ORDER},
    )


def _shown(one: Finding, names: Mapping[str, str]) -> Shown:
    keys = dict.fromkeys(key.partition("/")[0] for key in one.keys)
    items = tuple(Named(key, names.get(key, key)) for key in keys if key in names)
    if one.witness is None or one.event is None:
        return Shown(one, items, None, ())
    household = answers.write_address(Query((one.event,), one.witness))
    return Shown(one, items, household, said((one.event,), one.witness, names=names))


def said(events: Sequence[str], given: Sequence[Answer], *, names: Mapping[str, str]) -> tuple[str, ...]:
    """A household in words: its life events, then one entry an answer."""
    told = [names.get(event, event) for event in events]
    for answer in given:
        chosen = [names.get(key, key) for key in answer.options]
        if not chosen:
            unsure = "わからない" if answer.unsure else "どれもない"
            chosen = [f"{names.get(answer.question, answer.question)}／{unsure}"]
        told += chosen
    return tuple(told)


async def all_scenarios(visit: Visit, number: int, *, done: str = "") -> ScenariosPage:
    """The page of the scenarios, all of them run now. Errors: NotFound, Archived, Unavailable."""
    fields = await about(visit, number)
    names = differences.names((await visit.reviewer.content(fields["edition"]))[1])
    cases = [_case(one, names) for one in await scenarios.run(visit.graph, number)]
    return ScenariosPage(
        **fields,
        done=done,
        opens=opens(fields["edition"], fields["standing"]),
        red=[one for one in cases if not one.outcome.green],
        green=[one for one in cases if one.outcome.green],
    )


def _case(outcome: Outcome, names: Mapping[str, str]) -> Case:
    events, given = tuple(outcome.scenario.life_events), outcomes.answers_of(outcome.scenario)
    return Case(outcome, said(events, given, names=names), answers.write_address(Query(events, given)))


async def wanted(
    visit: Visit, number: int, *, pairs: Sequence[tuple[str, str]], typed: Mapping[str, str]
) -> NewScenario:
    """The scenario that the form asks for: of a printed code, or of answers. Errors: InvalidRequest."""
    fields: dict[str, Any] = dict(typed)
    if not typed["code"].strip():
        query = answers.read_address(pairs, await scenarios.outline(visit.graph, number))
        fields["life_events"] = list(query.life_events)
        fields["answers"] = responses.household(query.answers)
    return requests.read(NewScenario, fields)


async def new_scenario(
    visit: Visit,
    number: int,
    *,
    pairs: Sequence[tuple[str, str]],
    name: str = "",
    code: str = "",
    note: str = "",
    refusal: GuideError | None = None,
) -> NewScenarioPage:
    """The form that keeps a household as a scenario; without answers it asks for a printed code."""
    fields = await about(visit, number)
    names = differences.names((await visit.reviewer.content(fields["edition"]))[1])
    told: tuple[str, ...] = ()
    expects: list[str] = []
    given = [pair for pair in pairs if pair[0] in {"event", "a"}]
    if given:
        query = answers.read_address(given, await scenarios.outline(visit.graph, number))
        item = (await scenarios.proposed(visit.graph, number, name="-", said=query)).item
        told = said(query.life_events, query.answers, names=names)
        expects = [names.get(key, key) for key in item.fields.get("expects", ())]
    return NewScenarioPage(
        **fields,
        refusal=refusal,
        name=name,
        code=code,
        note=note,
        fields=given,
        said=told,
        expects=expects,
        opens=opens(fields["edition"], fields["standing"]),
    )
