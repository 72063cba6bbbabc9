"""What is claimed about the rules agrees with brute force: every household of many small contents, one by one."""

from __future__ import annotations

import re
from collections import Counter
from random import Random
from typing import Any

import pytest

from bench.contents import dense
from service.analysis import proofs
from service.analysis.proofs import SEVERITIES, ContentFlaw, flaws
from service.content.models import Answer, Condition, Content
from tests.contents import random_content
from tests.evaluation import Evaluation
from tests.households import at_most, households, looked_at
from tests.interviews import Asking, below, ruled, yes_no
from tests.seed import seed

CONTENTS = 400
PARTS = 4
MOST = 120
"""Households of one life event that are looked at one by one."""

Told = set[tuple[str, tuple[str, ...], str | None]]


def small(rng: Random) -> Content:
    """A random content with two life events that have few enough households each."""
    while True:
        content = random_content(
            rng,
            life_events=2,
            questions=rng.randint(0, 5),
            conditions=rng.randint(1, 7),
            procedures=rng.randint(1, 4),
            documents=3,
            described=False,
        )
        if all(at_most(content, looked_at(content, [event.key])) <= MOST for event in content.life_events):
            return content


class Everybody:
    """All households of one life event, with what the plain evaluation says to each of them."""

    def __init__(self, content: Content, event: str) -> None:
        self.content = content
        self.said = list(households(content, looked_at(content, [event])))
        self.states = [Evaluation(content, [event], said) for said in self.said]
        self.asking = Asking(content, [event])
        self.asked = {one.question for course in self.asking.courses for one in course}
        self.idle = self.asking.idle()
        self.counting = looked_at(content, [event])

    def true(self, row: Condition) -> list[bool]:
        """For each household whether the condition holds."""
        return [state.condition(row) == "true" for state in self.states]

    def applies(self, procedure: str) -> list[bool]:
        """For each household whether the procedure applies."""
        return [state.status(procedure) == "applies" for state in self.states]

    def needed(self, document: str) -> bool:
        """Whether any household needs the document."""
        return any(document in one.documents for state in self.states for one in state.procedures().values())

    def matters(self, question: str) -> bool:
        """Whether two households with the same answers above and beside the question get different results."""
        free = below(self.content, question)
        kinds: dict[frozenset[Answer], set[Any]] = {}
        for said, state in zip(self.said, self.states, strict=True):
            if not state.moot(question):
                others = frozenset(answer for answer in said if answer.question not in free)
                result = frozenset((key, tuple(one.documents)) for key, one in state.procedures().items())
                kinds.setdefault(others, set()).add(result)
        return any(len(results) > 1 for results in kinds.values())


def expected(content: Content) -> Told:
    """Every flaw by brute force, as code, keys and life event."""
    by_event = {event.key: Everybody(content, event.key) for event in content.life_events}
    told = questions(by_event) | conditions(content, by_event)
    for procedure in content.procedures:
        rows = [row for row in content.conditions if procedure.key in row.selects]
        events = {event for row in rows for event in row.life_events}
        applies = {event: by_event[event].applies(procedure.key) for event in events}
        if rows and not any(map(any, applies.values())):
            told.add(("procedure_unreachable", (procedure.key,), None))
        for event in (event for event in events if all(applies[event])):
            if not any(all(by_event[event].true(row)) for row in rows if event in row.life_events):
                told.add(("procedure_always", (procedure.key,), event))
    used = {need for one in content.procedures for need in one.needs or ()}
    used |= {need for row in content.conditions for need in row.needs}
    for need in used:
        if not any(everybody.needed(need) for everybody in by_event.values()):
            told.add(("document_never_needed", (need,), None))
    return told


def questions(by_event: dict[str, Everybody]) -> Told:
    told: Told = set()
    for key in {key for everybody in by_event.values() for key in everybody.counting}:
        here = {event: one for event, one in by_event.items() if key in one.counting}
        if not any(key in one.asked for one in here.values()):
            told.add(("question_never_asked", (key,), None))
            continue
        vain = {event for event, one in here.items() if key in one.asked and not one.matters(key)}
        told |= {("question_without_effect", (key,), None)} if vain else set()
        told |= {("question_idle", (key,), event) for event, one in here.items() if key in one.idle} - {
            ("question_idle", (key,), event) for event in vain
        }
    return told


def conditions(content: Content, by_event: dict[str, Everybody]) -> Told:
    told: Told = set()
    own = {procedure.key: set(procedure.needs or ()) for procedure in content.procedures}
    holds = {row.key: by_event[row.life_events[0]].true(row) for row in content.conditions}
    for row in content.conditions:
        if not any(holds[row.key]):
            told.add(("condition_never", (row.key,), None))
        elif all(holds[row.key]) and (row.requires or row.excludes):
            told.add(("condition_always", (row.key,), None))
        for other in content.conditions if row.selects and any(holds[row.key]) else ():
            if other.key == row.key or not set(row.life_events) <= set(other.life_events):
                continue
            mine, theirs = ({(p, d) for p in one.selects for d in {"", *one.needs} - own[p]} for one in (row, other))
            here, there = (by_event[row.life_events[0]].true(one) for one in (row, other))
            if not mine <= theirs or any(one and not two for one, two in zip(here, there, strict=True)):
                continue
            if (mine, here) != (theirs, there):
                told.add(("condition_swallowed", (row.key, other.key), None))
            elif row.key < other.key or set(row.life_events) != set(other.life_events):
                told.add(("condition_repeats", (row.key, other.key), None))
    return told


def check_witnesses(content: Content, found: tuple[ContentFlaw, ...]) -> None:
    """Each witness is a household that shows what is claimed."""
    rows = {row.key: row for row in content.conditions}
    for one in found:
        if one.code in ("condition_repeats", "condition_swallowed"):
            assert one.witness is not None
            state = Evaluation(content, rows[one.keys[0]].life_events, one.witness)
            assert [state.condition(rows[key]) for key in one.keys] == ["true", "true"]
        elif one.code == "question_idle":
            assert one.event is not None and one.witness is not None
            asked = Evaluation(content, [one.event], one.witness)
            assert asked.best_of(asked.candidates()) == one.keys[0]
        else:
            assert one.witness is None


@pytest.mark.parametrize("part", range(PARTS))
def test_every_claim(part: int) -> None:
    rng = Random(f"proofs {part}")
    seen: Counter[str] = Counter()
    for _ in range(CONTENTS // PARTS):
        content = small(rng)
        found = flaws(content)
        told = {(one.code, one.keys, one.event) for one in found}
        assert told == expected(content)
        assert len(told) == len(found), "nothing is told twice"
        check_witnesses(content, found)
        seen.update(one.code for one in found)
    assert seen["not_decided"] == 0
    assert {code for code in SEVERITIES if seen[code] == 0} <= {"not_decided", *RARE}


RARE = {"condition_always", "condition_repeats", "procedure_always", "question_without_effect"}
"""What does not come up in every hundred random contents; contents of their own show each of them below."""


def told(content: Content) -> list[tuple[str, tuple[str, ...]]]:
    return [(one.code, one.keys) for one in flaws(content)]


def selecting(content: Content, *procedures: str) -> Content:
    """The content with its rows selecting these procedures."""
    rows = [row.model_copy(update={"selects": [key]}) for row, key in zip(content.conditions, procedures, strict=True)]
    used = [one for one in content.procedures if one.key in procedures]
    return content.model_copy(update={"conditions": rows, "procedures": used})


A, B = yes_no("a"), yes_no("b", position=1)


def test_sound_rules_have_no_flaws() -> None:
    assert told(ruled([A, B], [["a/yes"], ["b/yes"]], [["a/no"]])) == []


def test_yes_and_no_to_a_question_lead_to_the_same() -> None:
    content = selecting(ruled([A, B], [["a/yes"]], [["b/yes"]], [["b/no"]]), "p0", "p1", "p1")
    assert told(content) == [("procedure_always", ("p1",)), ("question_without_effect", ("b",))]


def test_a_row_that_takes_every_answer() -> None:
    content = ruled([A, B], [["a/yes"]], [["b/yes", "b/no"]])
    assert told(content) == [("condition_always", ("c1",)), ("question_without_effect", ("b",))]


def test_a_row_that_asks_for_two_answers_to_one_question() -> None:
    content = ruled([A], [["a/yes"]], [["a/yes"], ["a/no"]])
    assert told(content) == [("condition_never", ("c1",)), ("procedure_unreachable", ("p1",))]


def test_a_question_that_others_settle_first() -> None:
    """Whoever says yes to a gets it; b is only asked after yes."""
    content = selecting(ruled([A, yes_no("b", asked_after=["a/yes"])], [["a/yes"]], [["b/yes"]]), "p0", "p0")
    assert told(content) == [("condition_swallowed", ("c1", "c0")), ("question_never_asked", ("b",))]


def test_rows_that_are_the_same_or_stand_in_another() -> None:
    content = selecting(ruled([A, B], [["a/yes"]], [["a/yes"]], [["a/yes"], ["b/yes"]]), "p0", "p0", "p0")
    assert told(content)[:3] == [
        ("condition_repeats", ("c0", "c1")),
        ("condition_swallowed", ("c2", "c0")),
        ("condition_swallowed", ("c2", "c1")),
    ]
    assert flaws(content)[1].witness == (Answer("a", ("a/yes",)), Answer("b", ("b/yes",)))


def test_documents_keep_a_row_apart() -> None:
    content = selecting(ruled([A, B], [["a/yes"]], [["a/yes"], ["b/yes"]]), "p0", "p0")
    rows = [content.conditions[0], content.conditions[1].model_copy(update={"needs": ["paper"]})]
    paper = Content.model_validate({"format": 2, "documents": [{"key": "paper", "name": "paper"}]}).documents
    assert told(content.model_copy(update={"conditions": rows, "documents": paper})) == []


def test_what_is_too_large_is_told_and_nothing_is_claimed() -> None:
    """The diagrams and the walk have limits of their own."""
    content = dense()
    found = flaws(content, steps=1_000, limit=1_000)
    assert [(one.code, one.params["what"], one.params["limit"]) for one in found] == [
        ("not_decided", "rules", 1_000),
        ("not_decided", "interviews", 1_000),
    ]
    proved = flaws(content, limit=1_000)
    assert [one.params["what"] for one in proved if one.code == "not_decided"] == ["interviews"]
    assert sum(one.code == "condition_never" for one in proved) == 8


def test_the_first_edition_has_no_flaws() -> None:
    assert flaws(seed()) == ()


def test_every_code_stands_in_the_table() -> None:
    table = dict(re.findall(r"^\| ([a-z_]+) \| (blocking|warning|hint) \|", proofs.__doc__ or "", re.MULTILINE))
    assert table == dict(SEVERITIES)
