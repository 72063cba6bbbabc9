"""Contents of a fixed size for measuring, and households that ask about them. Equal arguments give equal contents.

`dense` is the size at which the guidance query was designed: 134 conditions, 650 condition edges, 14 questions and 90
procedures behind one life event. `wide` spreads as many conditions over other numbers of questions and procedures;
`grown` puts more and more around a life event that stays as it is.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from random import Random
from typing import Any

from service.content.models import Answer, Content, Question

Fields = dict[str, Any]

SHARED_QUESTIONS = 3
"""How many questions every life event of a grown content asks: an option of theirs has ever more incoming edges."""


@dataclass(frozen=True, slots=True)
class Size:
    """How much stands behind one life event; `edges` counts REQUIRES and EXCLUDES together."""

    questions: int
    conditions: int
    edges: int
    procedures: int
    documents: int


@dataclass(frozen=True, slots=True)
class State:
    """What one household asked: life events and what it answered so far."""

    life_events: tuple[str, ...]
    answers: tuple[Answer, ...]


DENSE = Size(questions=14, conditions=134, edges=650, procedures=90, documents=40)
CORE = Size(questions=12, conditions=75, edges=270, procedures=50, documents=25)


def dense() -> Content:
    """One life event of the size `DENSE`."""
    return Content.model_validate({"format": 2} | _life_event_with_all("life", DENSE, Random("dense"), shared=[]))


def wide(questions: int, *, procedures: int) -> Content:
    """One life event with as many conditions as `dense`, over more or fewer questions and procedures."""
    size = Size(questions, DENSE.conditions, DENSE.edges, procedures, DENSE.documents)
    return Content.model_validate(
        {"format": 2} | _life_event_with_all("life", size, Random(f"wide {questions}"), shared=[])
    )


def grown(times: int) -> Content:
    """`times` life events of the size `CORE`, so 50 procedures each; the first, `life-0`, is the same for every
    `times`, but shares its first questions with all others."""
    content: dict[str, list[Fields]] = {}
    shared: list[Fields] = []
    for index in range(times):
        lists = _life_event_with_all(f"life-{index}", CORE, Random(f"grown {index}"), shared=shared)
        shared = shared or lists["questions"][:SHARED_QUESTIONS]
        for kind, items in lists.items():
            content.setdefault(kind, []).extend(items)
    return Content.model_validate({"format": 2} | content)


def states(content: Content, life_events: Sequence[str], *, count: int) -> list[State]:
    """Fixed households at every stage of the conversation: nothing answered, a part, or everything; some unsure."""
    rng = Random(f"states {count}")
    chosen_events = set(life_events)
    looked_at_options = {
        o for c in content.conditions if chosen_events & set(c.life_events) for clause in c.requires for o in clause
    }
    looked_at_options |= {o for c in content.conditions if chosen_events & set(c.life_events) for o in c.excludes}
    asked_questions = [
        q for q in sorted(content.questions, key=lambda q: q.key) if any(o.key in looked_at_options for o in q.options)
    ]
    households = [State(tuple(life_events), ())]
    while len(households) < count:
        share = rng.choice((0.15, 0.4, 0.7, 1.0))
        answers = tuple(_answer(rng, question) for question in asked_questions if rng.random() < share)
        households.append(State(tuple(life_events), answers))
    return households


def _answer(rng: Random, question: Question) -> Answer:
    if question.unsure and rng.random() < 0.1:
        return Answer(question.key, unsure=True)
    keys = [option.key for option in question.options]
    if question.kind == "one":
        return Answer(question.key, (rng.choice(keys),))
    return Answer(question.key, tuple(key for key in keys if rng.random() < 0.4))


def _life_event_with_all(event: str, size: Size, rng: Random, *, shared: list[Fields]) -> dict[str, list[Fields]]:
    """One life event with everything behind it; `shared` questions stand in front of its own."""
    questions = _questions(event, size.questions - len(shared), rng)
    documents = [{"key": f"{event}-d{n}", "name": f"証明書{n}"} for n in range(size.documents)]
    procedures = _procedures(event, size.procedures, [document["key"] for document in documents], rng)
    options = [[option["key"] for option in question["options"]] for question in (*shared, *questions)]
    conditions = _conditions(event, size, options, rng)
    for index, condition in enumerate(conditions):
        # Every procedure is selected by some condition; the rows that are left over select any of them.
        procedure = procedures[index % len(procedures)] if index < len(procedures) else rng.choice(procedures)
        condition["selects"] = [procedure["key"]]
        condition["needs"] = rng.sample([document["key"] for document in documents], rng.choice((0, 0, 1, 2)))
    return {
        "life_events": [{"key": event, "name": f"できごと {event}", "date_label": "届け出る日"}],
        "questions": questions,
        "conditions": conditions,
        "procedures": procedures,
        "documents": documents,
    }


def _questions(event: str, count: int, rng: Random) -> list[Fields]:
    """Half of them follow an option of an earlier one, some of those in turn others."""
    questions: list[Fields] = []
    for index in range(count):
        key = f"{event}-q{index}"
        options = [{"key": f"{key}/o{n}", "label": f"選択肢{n}"} for n in range(rng.choice((2, 3, 4, 6)))]
        question: Fields = {"key": key, "text": f"{key}はどれですか", "options": options}
        question |= {"kind": rng.choice(("one", "one", "many")), "position": index // 4}
        if index >= SHARED_QUESTIONS and rng.random() < 0.5:
            parent = rng.choice(questions[-4:])
            question["asked_after"] = [option["key"] for option in parent["options"][: rng.choice((1, 2))]]
        questions.append(question)
    return questions


def _procedures(event: str, count: int, documents: list[str], rng: Random) -> list[Fields]:
    procedures: list[Fields] = []
    for index in range(count):
        follows = [rng.choice(procedures)["key"]] if procedures and rng.random() < 0.3 else []
        procedures.append(
            {
                "key": f"{event}-p{index}",
                "name": f"手続き {index} の届出",
                "summary": "届け出ると、記録が新しくなります。",
                "nature": rng.choice(("duty", "benefit", "option")),
                "needs": rng.sample(documents, rng.choice((0, 1, 2))),
                "follows": follows,
                "deadline": {"value": 14, "unit": "day", "from": "届け出る日", "from_event": event},
            }
        )
    return procedures


def _conditions(event: str, size: Size, options: list[list[str]], rng: Random) -> list[Fields]:
    """Rows with as many edges in all as the size says, spread evenly; the tenth part of them are exclusions."""
    conditions: list[Fields] = []
    for index in range(size.conditions):
        edges = size.edges * (index + 1) // size.conditions - size.edges * index // size.conditions
        chosen = rng.sample([key for keys in options for key in keys], edges)
        cut = 1 if edges > 3 and rng.random() < 0.4 else 0
        rows = chosen[cut:]
        clauses = sorted(rng.sample(range(1, len(rows)), min(len(rows) - 1, rng.choice((1, 2)))))
        bounds = [0, *clauses, len(rows)]
        conditions.append(
            {
                "key": f"{event}-c{index}",
                "label": f"場合{index}に当たる方",
                "life_events": [event],
                "requires": [rows[start:end] for start, end in pairwise(bounds)],
                "excludes": chosen[:cut],
            }
        )
    return conditions
