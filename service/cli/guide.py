"""`guide`: answers from arguments or asked one by one, and the body that the API would give."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import click

from service.cli.database import with_graph
from service.cli.parameters import EditionNumber, Pair
from service.content.models import Outline, Question
from service.guidance import municipality
from service.guidance.answers import RawAnswer, RawQuery, parse_answer
from service.guidance.responses import guidance_answer
from service.guidance.service import GuidanceService, Visit
from service.settings import Settings, settings
from service.store.graph import Graph


class AnswerType(click.ParamType[RawAnswer]):
    """The answer to a question: `Q:O,O` (these options), `Q:` (none of them) or `Q:?` (unsure)."""

    name = "Q:O,O"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> RawAnswer:
        """The answer, not yet read against any edition."""
        answer = parse_answer(str(value))
        if not answer.question or (answer.options is None and not answer.unsure):
            self.fail(f"{value} は「質問:選択肢」の形ではありません", param, ctx)
        return answer


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
    events: tuple[str, ...], answers: tuple[RawAnswer, ...], dates: tuple[tuple[str, str], ...], edition: int | None
) -> None:
    """回答から、必要な手続きを JSON で答えます。端末で回答がなければ、質問します。"""
    ask = not answers and sys.stdin.isatty()
    if not events and not ask:
        raise click.UsageError("--event が必要です。", click.get_current_context())
    raw = RawQuery(events, answers, dict(dates))
    chosen = settings()
    body = with_graph(chosen, "guide", lambda graph: guidance_body(graph, chosen, raw=raw, edition=edition, ask=ask))
    sys.stdout.buffer.write(body + b"\n")


async def guidance_body(graph: Graph, settings: Settings, *, raw: RawQuery, edition: int | None, ask: bool) -> bytes:
    """The API's body for what was said; with `ask`, what it left open is asked first.

    Errors: InvalidRequest, NotFound, Unavailable; EOFError when the input ends before the last answer.
    """
    city = municipality.read(settings.municipality_file)
    guidance_service = GuidanceService(graph, settings, city, city.calendar)
    visit = await (
        _with_all_answered(guidance_service, raw, edition) if ask else guidance_service.requested(raw, edition)
    )
    return guidance_answer(await guidance_service.advice(visit)).model_dump_json(by_alias=True).encode()


async def _with_all_answered(guidance_service: GuidanceService, raw: RawQuery, edition_number: int | None) -> Visit:
    """What was said, with every open question answered."""
    edition, outline = await guidance_service.outline(edition_number)
    raw = replace(raw, life_events=raw.life_events or _ask_events(outline))
    while True:
        visit = await guidance_service.requested(raw, edition.number)
        question = (await guidance_service.next_question(visit)).key
        if question is None:
            return visit
        raw = replace(raw, answers=(*raw.answers, _ask_question(outline.questions[question])))


def _ask_events(outline: Outline) -> tuple[str, ...]:
    events = list(outline.life_events.values())
    chosen_indexes = _choose("どのようなことがありましたか。", [event.name for event in events], many=True, least=1)
    return tuple(events[index].key for index in chosen_indexes)


def _ask_question(question: Question) -> RawAnswer:
    labels = [option.label for option in question.options]
    if question.unsure:
        labels.append("わからない")
    many = question.kind == "many"
    while True:
        chosen_indexes = _choose(question.text, labels, many=many, least=0 if many else 1)
        if len(question.options) not in chosen_indexes:
            options = tuple(question.options[index].key for index in chosen_indexes)
            return RawAnswer(question.key, options)
        if len(chosen_indexes) == 1:
            return RawAnswer(question.key, unsure=True)
        _say("「わからない」は、ほかの答えと一緒に選べません。")


def _choose(text: str, labels: Sequence[str], *, many: bool, least: int) -> list[int]:
    """The chosen places in the list, from 0, asked until they are possible."""
    _say(f"\n{text}")
    for position, label in enumerate(labels, start=1):
        _say(f"  {position}. {label}")
    how = "番号（いくつでも、空白で区切る）" if many else "番号"
    how += "。なければ Enter だけ" if many and least == 0 else ""
    while True:
        indexes = _indexes_in(_read_line(f"{how}> "), highest=len(labels))
        if indexes is not None and len(indexes) >= least and (many or len(indexes) == 1):
            return indexes
        _say(f"1 から {len(labels)} までの番号で答えてください。")


def _indexes_in(line: str, *, highest: int) -> list[int] | None:
    """The places that the line names, or None where it names something else. Full-width digits count."""
    words = line.replace(",", " ").replace("、", " ").split()
    if not all(word.isdecimal() and 1 <= int(word) <= highest for word in words):
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
