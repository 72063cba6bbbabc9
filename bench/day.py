"""How much of a day is new: made-up households walk question by question, and what was worked out before is kept.

`python -m bench.day` prints the table that `results/interviews.md` keeps. No database, the same figures everywhere.
"""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from random import Random

from bench.interviews import INCLINATIONS, PAIRS, answer
from service.content.models import Answer, Content
from service.guidance.normal_form import Names, NormalForm
from service.store.subgraph import to_rows
from tests.evaluation import Evaluation
from tests.seed import seed

HOUSEHOLDS = 10_000


def normal_form(content: Content, life_events: Sequence[str]) -> NormalForm:
    """The normal form of households with these life events, as the service reads it from the graph."""
    rule_properties = {node["key"]: node["properties"] for node in to_rows(content).nodes}
    rows = [
        rule_properties[condition.key]
        for condition in content.conditions
        if set(life_events) & set(condition.life_events)
    ]
    positions: dict[str, int] = {}
    for event in life_events:
        for position, key in enumerate(rule_properties[event]["rule_questions"] if event in rule_properties else ()):
            positions[key] = min(position, positions.get(key, position))
    question_keys = sorted(positions, key=positions.__getitem__)
    return NormalForm(
        [(row["rule_clauses"], row["rule_excludes"], row["rule_needs"], row["rule_selects"]) for row in rows],
        [(key, rule_properties[key]["rule_options"], rule_properties[key]["rule_after"]) for key in question_keys],
    )


class Day:
    """Counts requests: a question page for each question, a result at the end; and those that were new."""

    def __init__(self, content: Content) -> None:
        self._content = content
        self._questions = {question.key: question for question in content.questions}
        self._forms: dict[tuple[str, ...], NormalForm] = {}
        self._asked: dict[tuple[tuple[str, ...], bytes], str | None] = {}
        self._seen: set[tuple[tuple[str, ...], object]] = set()
        self.counts: Counter[str] = Counter()

    def walk(self, life_events: tuple[str, ...], chance: Random) -> None:
        """One household, until nothing is left to ask."""
        form = self._forms.get(life_events) or normal_form(self._content, life_events)
        self._forms[life_events] = form
        inclination = chance.choice(INCLINATIONS)
        answers: list[Answer] = []
        while True:
            names = form.names(answers)
            question_key = self._next(life_events, answers, names)
            self._count(life_events, tuple(sorted(answers, key=lambda given: given.question)), names, question_key)
            if question_key is None:
                return
            answers.append(answer(self._questions[question_key], inclination, chance))

    def _next(self, life_events: tuple[str, ...], answers: list[Answer], names: Names) -> str | None:
        key = (life_events, names.question)
        if key not in self._asked:
            state = Evaluation(self._content, life_events, answers)
            self._asked[key] = state.best_of(state.candidates())
        return self._asked[key]

    def _count(
        self, life_events: tuple[str, ...], answers: tuple[Answer, ...], names: Names, question_key: str | None
    ) -> None:
        page = "question" if question_key else "result"
        self.counts[page] += 1
        self.counts[f"{page}, by answers"] += self._is_new(life_events, answers)
        of_guidance = self._is_new(life_events, names.guidance)
        of_question = self._is_new(life_events, names.question)
        self.counts[f"{page}, by normal form"] += of_guidance and (of_question or not question_key)

    def _is_new(self, life_events: tuple[str, ...], key: object) -> bool:
        entry = (life_events, key)
        if entry in self._seen:
            return False
        self._seen.add(entry)
        return True


def turns(content: Content) -> Iterator[tuple[str, ...]]:
    """Life events alone, then those that come together, and so on without end."""
    order = sorted(content.life_events, key=lambda event: event.position)
    ranks = {event.key: (event.position, event.key) for event in order}
    turns_in_order = [(event.key,) for event in order] + [tuple(sorted(pair, key=ranks.__getitem__)) for pair in PAIRS]
    while True:
        yield from turns_in_order


def day(content: Content, households: int) -> Counter[str]:
    """Requests by page (`question`, `result`), and of those the new ones: `…, by answers`, `…, by normal form`."""
    counted_day, chance, life_event_turns = Day(content), Random("day"), turns(content)
    for _ in range(households):
        counted_day.walk(next(life_event_turns), chance)
    return counted_day.counts


def main(households: int = HOUSEHOLDS) -> None:
    """Print the table."""
    counts = day(seed(), households)
    print("# How much of a day is new\n")
    print(f"{households:,} made-up households walk question by question: life events in turn, four pairs among them.")
    print("*By answers*: new is who gave answers that nobody gave before. *By normal form*: new is whose answers leave")
    print("open what nobody's left open before (`service/guidance/normal_form.py`). `python -m bench.day`\n")
    print("| page | requests | new by answers | new by normal form |\n|---|---|---|---|")
    for page in ("question", "result"):
        print(_line(page, counts[page], *(counts[f"{page}, by {how}"] for how in ("answers", "normal form"))))
    total = [sum(counts[f"{page}{how}"] for page in ("question", "result")) for how in ("", *_HOW)]
    print(_line("both", *total))


_HOW = (", by answers", ", by normal form")


def _line(page: str, requests: int, *new_requests: int) -> str:
    cells = (f"{count:,} ({100 * count / requests:.1f} %)" for count in new_requests)
    return f"| {page} | {requests:,} | {' | '.join(cells)} |"


if __name__ == "__main__":
    main(*(int(argument) for argument in sys.argv[1:]))
