"""How many questions a household is asked.

`python -m bench.interviews` prints the table that `results/interviews.md` keeps.

Made-up households answer whatever the guide asks next until nothing is left to ask. Each has its own inclination
(few, some or many things apply to it) and is unsure of one question in twenty; the numbers are drawn from a fixed seed.
"""

from __future__ import annotations

import random
import statistics
import sys

from service.content.models import Answer, Content, Question
from tests.evaluation import Evaluation
from tests.seed import seed

HOUSEHOLDS = 2_000
INCLINATIONS = (0.1, 0.25, 0.6)
UNSURE = 0.05
PAIRS = (
    ("moving-in", "birth"),
    ("marriage", "moving-in"),
    ("marriage", "moving-within"),
    ("divorce", "moving-within"),
    ("divorce", "moving-in"),
    ("moving-within", "birth"),
    ("death", "name-change"),
    ("death", "moving-within"),
)


def answer(question: Question, inclination: float, chance: random.Random) -> Answer:
    """What a made-up household says: any option of kind one, each with the inclination of kind many."""
    if question.unsure and chance.random() < UNSURE:
        return Answer(question.key, unsure=True)
    if question.kind == "one":
        return Answer(question.key, (chance.choice(question.options).key,))
    return Answer(question.key, tuple(o.key for o in question.options if chance.random() < inclination))


def interview(content: Content, life_events: tuple[str, ...], chance: random.Random) -> list[Answer]:
    """The answers of one household, in the order in which it was asked."""
    questions = {question.key: question for question in content.questions}
    inclination = chance.choice(INCLINATIONS)
    answers: list[Answer] = []
    while True:
        state = Evaluation(content, life_events, answers)
        question_key = state.best_of(state.candidates())
        if question_key is None:
            return answers
        answers.append(answer(questions[question_key], inclination, chance))


def needed(content: Content, life_events: tuple[str, ...], answers: list[Answer]) -> int:
    """How many of the answers decide: what the best possible order, which knows them all, would still have to ask."""
    kept = list(answers)
    for one in reversed(answers):
        others = [other for other in kept if other is not one]
        if not Evaluation(content, life_events, others).candidates():
            kept = others
    return len(kept)


def row(content: Content, life_events: tuple[str, ...], households: int) -> str:
    """One line of the table."""
    names = {event.key: event.name for event in content.life_events}
    chance = random.Random("/".join(life_events))
    said = [interview(content, life_events, chance) for _ in range(households)]
    counts = [len(answers) for answers in said]
    least = statistics.mean(needed(content, life_events, answers) for answers in said)
    cells = (min(counts), f"{statistics.mean(counts):.1f}", max(counts), f"{least:.1f}")
    return f"| {'＋'.join(names[key] for key in life_events)} | {' | '.join(map(str, cells))} |"


def main(households: int = HOUSEHOLDS) -> None:
    """Print the table for each life event, and for some that come together (a tenth of the households)."""
    content = seed()
    print("# Questions asked of a household\n")
    print(f"A random sample: {households:,} made-up households per life event, a tenth of that per pair (fixed seed).")
    print("Each answers what the guide asks next until nothing is left to ask; 5 % are unsure of a question.\n")
    print("*Needed*: how many of these answers decide anything, as an order that knows them beforehand would ask.\n")
    print("| life event | min | mean | max | mean needed |\n|---|---|---|---|---|")
    for event in sorted(content.life_events, key=lambda event: event.position):
        print(row(content, (event.key,), households))
    for pair in PAIRS:
        print(row(content, pair, households // 10))


if __name__ == "__main__":
    main(*(int(argument) for argument in sys.argv[1:]))
