"""Made-up households of 総社市: the addresses and API requests of every stage of their conversations."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from random import Random

from bench.interviews import INCLINATIONS, PAIRS, answer
from service.content.models import Answer, Content
from service.guidance.answers import Query, write_address
from tests.evaluation import Evaluation

TOGETHER = 50
"""How many households are in the middle of their conversations at the same time."""


@dataclass(frozen=True, slots=True)
class Stage:
    """A household in the middle of its conversation; `asked` is the next question, None at its end."""

    life_events: tuple[str, ...]
    answers: tuple[Answer, ...]
    asked: str | None

    @property
    def query(self) -> str:
        """The query string of its addresses."""
        return write_address(Query(self.life_events, self.answers))

    @property
    def address(self) -> str:
        """The page that this household sees: the next question, or the list."""
        return f"/guide?{self.query}" if self.asked else f"/result?{self.query}"

    @property
    def body(self) -> str:
        """Its request to the API."""
        answers = [
            {"question": given.question, **({"unsure": True} if given.unsure else {"options": list(given.options)})}
            for given in self.answers
        ]
        return json.dumps({"life_events": list(self.life_events), "answers": answers})


def stages(content: Content, *, drawn: str) -> Iterator[Stage]:
    """Different stages without end, one household after the other, life events in turn; `drawn` fixes the draw."""
    order = sorted(content.life_events, key=lambda event: event.position)
    ranks = {event.key: (event.position, event.key) for event in order}
    turns = [(event.key,) for event in order] + [tuple(sorted(pair, key=ranks.__getitem__)) for pair in PAIRS]
    chance, seen_stages = Random(drawn), set[tuple[tuple[str, ...], tuple[Answer, ...]]]()
    while True:
        for life_events in turns:
            for stage in _conversation(content, life_events, chance):
                entry = (stage.life_events, stage.answers)
                if entry not in seen_stages:
                    seen_stages.add(entry)
                    yield stage


def day(content: Content, *, drawn: str) -> Iterator[Stage]:
    """Every page of random households without end, `TOGETHER` of them at a time, also what another one saw before.

    All life events are equally likely, and so is every pair; `drawn` fixes the draw.
    """
    turns = [(event.key,) for event in content.life_events] + list(map(tuple, PAIRS))
    chance = Random(drawn)
    together: list[Iterator[Stage]] = []
    while True:
        while len(together) < TOGETHER:
            together.append(_conversation(content, chance.choice(turns), Random(chance.random())))
        conversation = chance.choice(together)
        stage = next(conversation, None)
        if stage is None:
            together.remove(conversation)
        else:
            yield stage


def _conversation(content: Content, life_events: tuple[str, ...], chance: Random) -> Iterator[Stage]:
    questions = {question.key: question for question in content.questions}
    inclination = chance.choice(INCLINATIONS)
    answers: list[Answer] = []
    while True:
        state = Evaluation(content, life_events, answers)
        question_key = state.best_of(state.candidates())
        yield Stage(life_events, tuple(sorted(answers, key=lambda given_answer: given_answer.question)), question_key)
        if question_key is None:
            return
        answers.append(answer(questions[question_key], inclination, chance))
