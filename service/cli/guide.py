"""`guide`: answers from arguments or asked one by one, and the body that the API would give."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import click

from service.cli.database import with_graph
from service.cli.parameters import EditionNumber, Pair
from service.content.models import Outline, Question
from service.guidance import municipality, requests
from service.guidance.responses import GuidanceRequest, SaidAnswer, guidance_answer
from service.guidance.service import Reception, Visit
from service.settings import Settings, settings
from service.store.graph import Graph

UNSURE = "?"


@dataclass(frozen=True, slots=True)
class Household:
    """What was said on the command line: life events, answers as in the API, and days by life event."""

    life_events: Sequence[str]
    answers: Sequence[SaidAnswer] = ()
    dates: Mapping[str, str] = field(default_factory=dict)
    edition: int | None = None


class AnswerType(click.ParamType[SaidAnswer]):
    """The answer to a question: `Q:O,O` (these options), `Q:` (none of them) or `Q:?` (unsure)."""

    name = "Q:O,O"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> SaidAnswer:
        """The answer, not yet read against any edition."""
        question, colon, chosen = str(value).partition(":")
        if not question or not colon:
            self.fail(f"{value} は「質問:選択肢」の形ではありません", param, ctx)
        if chosen == UNSURE:
            return SaidAnswer(question=question, unsure=True)
        options = [option for option in chosen.split(",") if option]
        return SaidAnswer(question=question, options=[f"{question}/{option}" for option in options])


@click.command()
@click.option("--event", "events", multiple=True, metavar="K", help="ライフイベント（いくつでも繰り返せます）")
@click.option(
    "--answer",
    "answers",
    multiple=True,
    type=AnswerType(),
    help="質問:選択肢（Q: はどれもない、Q:? はわからない。いくつでも繰り返せます）",
)
@click.option(
    "--date", "dates", multiple=True, type=Pair("K:YYYY-MM-DD", ":"), help="ライフイベントの日（繰り返せます）"
)
@click.option("--edition", type=EditionNumber(), help="版の番号（なければ公開中の版）")
def guide(
    events: tuple[str, ...], answers: tuple[SaidAnswer, ...], dates: tuple[tuple[str, str], ...], edition: int | None
) -> None:
    """回答から、必要な手続きを JSON で答えます。端末で回答がなければ、質問します。"""
    ask = not answers and sys.stdin.isatty()
    if not events and not ask:
        raise click.UsageError("--event が必要です。", click.get_current_context())
    household = Household(events, answers, dict(dates), edition)
    chosen = settings()
    body = with_graph(chosen, "guide", lambda graph: guidance_body(graph, chosen, household=household, ask=ask))
    sys.stdout.buffer.write(body + b"\n")


async def guidance_body(graph: Graph, settings: Settings, *, household: Household, ask: bool) -> bytes:
    """The API's body for the household; with `ask`, what it left open is asked first.

    Errors: InvalidRequest, NotFound, Unavailable; EOFError when the input ends before the last answer.
    """
    city = municipality.read(settings.municipality)
    reception = Reception(graph, settings, city, city.calendar)
    if ask:
        household = await _asked(reception, household)
    visit = await _visit(reception, household)
    return guidance_answer(await reception.advice(visit)).model_dump_json(by_alias=True).encode()


async def _visit(reception: Reception, household: Household) -> Visit:
    edition, outline = await reception.outline(household.edition)
    body = GuidanceRequest(
        life_events=list(household.life_events),
        answers=list(household.answers),
        dates=dict(household.dates) or None,
        edition=household.edition,
    )
    return Visit(edition, outline, requests.read_request(body, outline))


async def _asked(reception: Reception, household: Household) -> Household:
    """The household with every question answered."""
    edition, outline = await reception.outline(household.edition)
    events = list(household.life_events) or _ask_events(outline)
    given = list(household.answers)
    while True:
        household = Household(events, given, household.dates, edition.number)
        guided = await reception.guided(await _visit(reception, household))
        if guided.guidance.next_question is None:
            return household
        given.append(_ask(outline.questions[guided.guidance.next_question]))


def _ask_events(outline: Outline) -> list[str]:
    events = list(outline.life_events.values())
    numbers = _choose("どのようなことがありましたか。", [event.name for event in events], many=True, least=1)
    return [events[number].key for number in numbers]


def _ask(question: Question) -> SaidAnswer:
    labels = [option.label for option in question.options]
    if question.unsure:
        labels.append("わからない")
    many = question.kind == "many"
    while True:
        numbers = _choose(question.text, labels, many=many, least=0 if many else 1)
        if len(question.options) not in numbers:
            options = [question.options[number].key for number in numbers]
            return SaidAnswer(question=question.key, options=options)
        if len(numbers) == 1:
            return SaidAnswer(question=question.key, unsure=True)
        _say("「わからない」は、ほかの答えと一緒に選べません。")


def _choose(text: str, labels: Sequence[str], *, many: bool, least: int) -> list[int]:
    """The chosen places in the list, from 0, asked until they are possible."""
    _say(f"\n{text}")
    for number, label in enumerate(labels, start=1):
        _say(f"  {number}. {label}")
    how = "番号（いくつでも、空白で区切る）" if many else "番号"
    how += "。なければ Enter だけ" if many and least == 0 else ""
    while True:
        numbers = _numbers(_read_line(f"{how}> "), most=len(labels))
        if numbers is not None and len(numbers) >= least and (many or len(numbers) == 1):
            return numbers
        _say(f"1 から {len(labels)} までの番号で答えてください。")


def _numbers(line: str, *, most: int) -> list[int] | None:
    """The places that the line names, or None where it names something else. Full-width digits count."""
    words = line.replace(",", " ").replace("、", " ").split()
    if not all(word.isdecimal() and 1 <= int(word) <= most for word in words):
        return None
    return [int(word) - 1 for word in dict.fromkeys(words)]


def _read_line(prompt: str) -> str:
    """A line of the input. The prompt goes to standard error: standard output is for the body alone."""
    print(prompt, end="", file=sys.stderr, flush=True)
    line = sys.stdin.readline()
    if not line:
        raise EOFError
    return line.strip()


def _say(text: str) -> None:
    print(text, file=sys.stderr)
