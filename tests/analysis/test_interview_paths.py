"""The walk over all interviews agrees with brute force: every household of many small contents, asked one by one."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from fractions import Fraction
from random import Random
from typing import Any

import pytest

from bench.contents import dense, grown
from service.analysis.bdd import NotDecided, compiled
from service.analysis.interview_paths import Idle, Journeys, Walk, journeys, moved, positions, trials, with_position
from service.content.models import Answer, Content
from tests.households import Answers, looked_at, small
from tests.interviews import Asking, ruled, yes_no
from tests.seed import seed

CONTENTS = 400
PARTS = 4
MOST = 300
"""Households of one content that are asked one by one."""


def check(content: Content, events: list[str]) -> Counter[str]:
    """Compares everything with brute force; says how often what came up."""
    asking = Asking(content, events)
    walk = Walk(content, events)
    found = walk.journeys()
    lengths = [len(course) for course in asking.courses]
    assert found.households == len(lengths)
    assert found.interviews == len(set(asking.courses))
    assert (found.fewest, found.most) == (min(lengths), max(lengths))
    assert found.mean == Fraction(sum(lengths), len(lengths))
    assert found.shortest in asking.courses and len(found.shortest) == found.fewest
    assert found.longest in asking.courses and len(found.longest) == found.most
    asked = Counter(one.question for course in asking.courses for one in course)
    assert found.asked == {key: asked[key] for key in looked_at(content, events)}
    check_states(walk, asking)
    idle = asking.idle()
    check_idle(walk.idle(), idle, asking.courses)
    return Counter(unasked=len(found.asked) - len(asked), idle=len(idle), long=found.most > 2, one=1)


def check_states(walk: Walk, asking: Asking) -> None:
    """The example of each state is an interview that is asked the question of the state."""
    prefixes = {course[:length] for course in asking.courses for length in range(len(course) + 1)}
    for state, visit in walk.visits.items():
        said = walk.answers_to(state)
        assert said in prefixes
        expected = None if visit.question is None else walk.rules.questions[visit.question].key
        assert asking.question(said) == expected


def check_idle(found: Iterable[Idle], idle: dict[str, list[Answers]], courses: list[Answers]) -> None:
    told = {one.question: one for one in found}
    assert set(told) == set(idle)
    for key, one in told.items():
        assert one.answers in idle[key]
        assert len(one.answers) == min(map(len, idle[key]))
        after = set(idle[key])
        assert one.households == sum(
            any(course[:length] in after for length in range(len(course) + 1)) for course in courses
        )


@pytest.mark.parametrize("part", range(PARTS))
def test_every_figure_and_every_proof(part: int) -> None:
    rng = Random(f"journeys {part}")
    seen: Counter[str] = Counter()
    for _ in range(CONTENTS // PARTS):
        seen += check(*small(rng, conditions=8, most=MOST))
    assert seen["one"] == CONTENTS // PARTS
    assert min(seen["unasked"], seen["idle"], seen["long"]) > 3, "the contents were too simple to prove anything"


GATED = ruled([yes_no("a"), yes_no("b", position=1)], [["a/yes"], ["b/yes"]])
"""Both are needed; whichever is asked first, "no" ends it."""


def test_figures_of_a_gate() -> None:
    found = journeys(GATED, ["e"])
    assert (found.interviews, found.households, found.states) == (3, 4, 3)
    assert (found.fewest, found.mean, found.most) == (1, Fraction(3, 2), 2)
    assert found.asked == {"a": 4, "b": 2}
    assert found.shortest == (Answer("a", ("a/no",)),)
    assert found.longest == (Answer("a", ("a/yes",)), Answer("b", ("b/yes",)))


def test_nothing_to_ask() -> None:
    found = journeys(ruled([yes_no("a")], []), ["e"])
    assert (found.interviews, found.households, found.most) == (1, 1, 0)
    assert found.mean == 0
    assert (found.shortest, found.longest, found.asked) == ((), (), {})


def test_many_options_are_not_tried_one_by_one() -> None:
    """2^60 answers: only whether one of three is chosen makes a difference."""
    options = [{"key": f"m/o{number}", "label": "o"} for number in range(60)]
    content = ruled([{"key": "m", "text": "m", "kind": "many", "options": options}], [["m/o1", "m/o30", "m/o59"]])
    found = journeys(content, ["e"])
    assert (found.households, found.interviews, found.states) == (2**60, 2**60, 2)
    assert found.mean == 1


def test_a_question_that_cannot_change_the_result_is_told_with_what_was_said_before() -> None:
    """Yes and no to b lead to the same procedure: rows that escape clause 6."""
    content = ruled([yes_no("a"), yes_no("b", position=1)], [["a/yes"], ["b/yes"]], [["a/yes"], ["b/no"]])
    rows = [one.model_copy(update={"selects": ["p0"]}) for one in content.conditions]
    found = Walk(content.model_copy(update={"conditions": rows}), ["e"]).idle()
    assert found == (Idle("b", (Answer("a", ("a/yes",)),), 2),)


def test_moving_a_question() -> None:
    """The rarer "yes" first saves questions: three of the four options of "kind" end the interview."""
    options = [{"key": f"kind/o{number}", "label": "o"} for number in range(4)]
    kind = {"key": "kind", "text": "kind", "kind": "one", "options": options, "position": 10}
    content = ruled([yes_no("a", position=4), kind], [["a/yes"], ["kind/o0"]])
    found = moved(content, ["e"], question="kind", position=1)
    assert (found.before.mean, found.after.mean, found.same) == (Fraction(3, 2), Fraction(5, 4), False)
    assert positions(content, ["e"], question="kind") == (-6, 4)
    assert [(one.position, one.after.mean) for one in trials(content, ["e"], question="kind")] == [
        (-6, Fraction(5, 4)),
        (4, Fraction(3, 2)),
    ]
    assert content.questions[1].position == 10, "the content itself stays as it is"


def test_places_between_stages() -> None:
    content = ruled(
        [yes_no(key, position=place) for key, place in (("a", 0), ("b", 10), ("c", 11), ("d", 10))],
        [["a/yes"], ["b/yes"], ["c/yes"], ["d/yes"]],
    )
    assert positions(content, ["e"], question="a") == (10, 11, 21)
    assert positions(content, ["e"], question="b") == (-10, 0, 5, 11, 21)
    assert positions(GATED, ["e"], question="unknown") == ()
    with pytest.raises(KeyError):
        moved(GATED, ["e"], question="unknown", position=3)


def test_every_place_is_another_order() -> None:
    """Positions that are left out mean the same as one that is tried, or as the present one."""
    rng = Random("places")
    for _ in range(40):
        content, events = small(rng, conditions=8, most=MOST)
        question = rng.choice(sorted(looked_at(content, events)) or [""])
        tried = {one.position: one.after for one in trials(content, events, question=question)} if question else {}
        own = journeys(content, events)
        for position in range(-12, 15) if question else ():
            there = journeys(with_position(content, question, position=position), events)
            assert figures(there) in [figures(own), *map(figures, tried.values())]


def figures(found: Journeys) -> tuple[Any, ...]:
    return (found.fewest, found.mean, found.most, found.interviews, tuple(found.asked.items()))


def test_life_events_together_are_walked_as_one() -> None:
    pair = ["marriage", "name-change"]
    together, apart = journeys(seed(), pair), [journeys(seed(), [event]) for event in pair]
    assert together.events == ("marriage", "name-change")
    assert together.most < sum(one.most for one in apart), "they share questions, which are asked once"
    assert together.mean > max(one.mean for one in apart)


@pytest.mark.parametrize("event", [event.key for event in seed().life_events])
def test_the_first_edition_asks_nothing_in_vain(event: str) -> None:
    """Proved for each life event: no question is asked whose answer cannot change the result, and each is asked."""
    walk = Walk(seed(), [event])
    found = walk.journeys()
    assert walk.idle() == ()
    assert found.households == compiled(seed(), [event]).count()
    assert min(found.asked.values()) > 0
    assert 0 < found.fewest <= found.mean <= found.most <= 15


@pytest.mark.parametrize("content", [dense(), grown(1)], ids=["dense", "grown"])
def test_what_is_too_large_is_not_decided(content: Content) -> None:
    with pytest.raises(NotDecided) as refused:
        journeys(content, [content.life_events[0].key], limit=5_000)
    assert (refused.value.why, refused.value.limit) == ("steps", 5_000)


def test_too_many_questions_are_not_decided() -> None:
    content = ruled([yes_no(f"q{number}") for number in range(301)], [[f"q{number}/yes"] for number in range(301)])
    with pytest.raises(NotDecided) as refused:
        journeys(content, ["e"])
    assert refused.value.why == "questions"


def test_a_long_chain_is_walked() -> None:
    """Three hundred questions, each after the one before: counting recurses no deeper than Python allows."""
    chain = [yes_no("q0"), *(yes_no(f"q{number}", asked_after=[f"q{number - 1}/yes"]) for number in range(1, 300))]
    found = journeys(ruled(chain, [["q299/yes"]]), ["e"])
    assert (found.households, found.fewest, found.most) == (301, 1, 300)


def test_conditions_that_look_at_the_same_options_each_have_a_weight() -> None:
    content = ruled([yes_no("a"), yes_no("b")], [["a/yes"]], [["b/yes"]], [["b/yes"]])
    assert journeys(content, ["e"]).longest[0].question == "b"


def test_what_was_answered_stays_answered_in_the_proof() -> None:
    """c may follow either; once it is answered through a, the answer to q changes nothing, although q is above c."""
    c = yes_no("c", asked_after=["a/yes", "q/yes"], position=1)
    content = ruled([yes_no("a"), c, yes_no("q", position=2)], [["c/yes"], ["q/yes"]], [["c/yes"], ["q/no"]])
    rows = [one.model_copy(update={"selects": ["p0"]}) for one in content.conditions]
    found = Walk(content.model_copy(update={"conditions": rows}), ["e"]).idle()
    assert found == (Idle("q", (Answer("a", ("a/yes",)), Answer("c", ("c/yes",))), 2),)
