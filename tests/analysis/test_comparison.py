"""The residents' comparison agrees with brute force: every household of many small pairs of contents, one by one."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from random import Random
from typing import Any

import pytest

from bench.contents import dense
from service.analysis.comparison import (
    LISTED,
    NEEDED,
    OUTCOMES,
    Change,
    ChangeGroup,
    EventComparison,
    compare,
    compare_events,
)
from service.content.models import Answer, Content
from tests.contents import random_content
from tests.edits import edited
from tests.evaluation import Evaluation, ExpectedProcedure, answers_of, evaluate
from tests.households import Answers, Seen, at_most, carried_back, differences, households, looked_at, questions_of
from tests.seed import seed

PAIRS = 300
PARTS = 3
MOST = 150
"""Households of one life event that are looked at one by one."""


@dataclass
class Expected:
    """What brute force finds: all households with what they answer before, what they see, and who stands apart."""

    seen: dict[Answers, Seen] = field(default_factory=dict)
    before: dict[Answers, Answers] = field(default_factory=dict)
    apart: Counter[tuple[str, str | None]] = field(default_factory=Counter)
    without_counterpart: int = 0

    @property
    def outcomes(self) -> Counter[Seen]:
        """The distinct sets of changes, with the households that see them."""
        return Counter(seen for seen in self.seen.values() if seen)

    @property
    def causes(self) -> dict[Seen, int]:
        """The changes that exactly the same households see."""
        groups: dict[frozenset[Answers], set[Change]] = {}
        for change in {change for seen in self.seen.values() for change in seen}:
            groups.setdefault(frozenset(one for one, seen in self.seen.items() if change in seen), set()).add(change)
        return {frozenset(changes): len(who) for who, changes in groups.items()}


def small(rng: Random) -> tuple[Content, Content]:
    """A random content and the same after some edits."""
    content = random_content(
        rng,
        life_events=2,
        questions=rng.randint(1, 5),
        conditions=rng.randint(1, 6),
        procedures=rng.randint(1, 4),
        documents=3,
        described=False,
    )
    return content, edited(rng, content, times=rng.choice([0, 1, 1, 2, 3, 5]))


def listed(content: Content, events: Iterable[str], answers: Answers) -> dict[str, ExpectedProcedure]:
    """The result of the plain evaluation without its reasons, which cost most."""
    state = Evaluation(content, events, answers)
    found = {}
    for procedure in {key for row in state.rows for key in row.selects}:
        status = state.status(procedure)
        if status != "not_listed":
            found[procedure] = ExpectedProcedure(status, state.documents(procedure), [])
    return found


def by_hand(old: Content, new: Content, events: Iterable[str]) -> Expected:
    """Every household of the new edition, one after the other."""
    expected = Expected()
    kinds = {question.key: question.kind for question in new.questions}
    for answers in households(new, questions_of(old, new, events)):
        said, why = carried_back(old, events, answers)
        expected.before[answers] = said
        if why:
            expected.without_counterpart += 1
            expected.apart.update({(key, option if kinds[key] == "one" else None) for key, option in why})
        else:
            expected.seen[answers] = differences(listed(old, events, said), listed(new, events, answers))
    return expected


def check(found: EventComparison, expected: Expected) -> None:
    """Every figure and every example of the comparison."""
    assert found.not_decided is None
    assert found.households == len(expected.before)
    assert found.apart_count == expected.without_counterpart
    assert {(one.question, one.option): one.count for one in found.apart} == expected.apart
    assert found.changed == sum(expected.outcomes.values())
    assert found.outcomes is not None
    assert {frozenset(group.changes): group.count for group in found.outcomes} == expected.outcomes
    assert {frozenset(group.changes): group.count for group in found.causes} == expected.causes
    assert found.same == (not found.changed and not found.apart_count)
    for groups in (found.outcomes, found.causes):
        assert list(groups) == sorted(groups, key=lambda group: -group.count)
    for group in found.outcomes:
        assert expected.seen[group.example.new] == frozenset(group.changes)
    for group in found.causes:
        assert expected.seen[group.example.new] >= frozenset(group.changes)
    examples = [group.example for group in (*found.outcomes, *found.causes)] + [one.example for one in found.apart]
    for example in examples:
        assert example.old == expected.before[example.new]


@pytest.mark.parametrize("part", range(PARTS))
def test_every_household_of_many_pairs(part: int) -> None:
    rng = Random(f"comparison {part}")
    told: Counter[str] = Counter()
    while told["pairs"] < PAIRS // PARTS:
        old, new = small(rng)
        found = compare(old, new)
        had, has = ({event.key for event in content.life_events} for content in (old, new))
        assert {one.events for one in found.events} == {(key,) for key in had | has}
        if any(at_most(new, questions_of(old, new, one.events)) > MOST for one in found.events if one.events[0] in has):
            continue
        told["pairs"] += 1
        for one in found.events:
            [event] = one.events
            assert one.presence == ("both" if event in had & has else "new" if event in has else "removed")
            if one.presence == "both":
                expected = by_hand(old, new, one.events)
                check(one, expected)
                told.update({"same": one.same, "changed": one.changed > 0, "apart": one.apart_count > 0})
                told["open"] += any(change.before in (LISTED[1], NEEDED[1]) for g in one.causes for change in g.changes)
                told["many"] += len(one.outcomes or ()) > 1
                told["impossible"] += any(apart.option is None for apart in one.apart)
            elif one.presence == "new" or at_most(old, looked_at(old, one.events)) <= MOST:
                own = new if one.presence == "new" else old
                assert one.households == len(list(households(own, looked_at(own, one.events))))
                assert not one.same
    assert min(told[kind] for kind in ("same", "changed", "apart", "impossible", "open", "many")) > 3, told


def test_several_life_events_together() -> None:
    rng = Random("together")
    pairs = 0
    while pairs < 60:
        old, new = small(rng)
        events = tuple(sorted({event.key for event in old.life_events} & {event.key for event in new.life_events}))
        if len(events) == 2 and at_most(new, questions_of(old, new, events)) <= MOST:
            check(compare_events(old, new, events=events), by_hand(old, new, events))
            pairs += 1


def test_scenarios_that_change() -> None:
    rng = Random("scenarios")
    told: Counter[str] = Counter()
    for _ in range(400):
        old = random_content(rng, questions=4, conditions=6, procedures=3, documents=3)
        new = edited(rng, old, times=rng.choice([0, 1, 3]))
        old, new = rng.sample([old, new], 2)
        had, has = ({one.key: one for one in content.scenarios} for content in (old, new))
        expected: dict[str, tuple[str, Seen]] = {}
        for key in {*had, *has}:
            scenario = has.get(key) or had[key]
            sides = (
                evaluate(content, scenario.life_events, possible(content, answers_of(scenario))).procedures
                for content in (old, new)
            )
            if changes := differences(*sides):
                expected[key] = ("both" if key in had and key in has else "new" if key in has else "removed", changes)
        found = compare(old, new).scenarios
        assert {one.scenario: (one.presence, frozenset(one.changes)) for one in found} == expected
        told.update(presence for presence, _ in expected.values())
        told["same"] += len({*had, *has}) - len(expected)
    assert told["both"] > 20 and told["removed"] and told["new"] and told["same"] > 20, told


def possible(content: Content, answers: Iterable[Answer]) -> list[Answer]:
    """What of the answers the content allows; of kind `many`, as much as it offers."""
    offered = {question.key: question for question in content.questions}
    found = []
    for answer in answers:
        question = offered.get(answer.question)
        if question is None or (answer.unsure and not question.unsure):
            continue
        options = tuple(option.key for option in question.options if option.key in answer.options)
        if answer.unsure or question.kind == "many" or len(options) == 1:
            found.append(Answer(answer.question, options, answer.unsure))
    return found


def with_question(content: Content, key: str, **changes: Any) -> Content:
    """The content with one question changed."""
    questions = [q.model_copy(update=changes) if q.key == key else q for q in content.questions]
    return content.model_copy(update={"questions": questions})


def with_condition(content: Content, key: str, **changes: Any) -> Content:
    """The content with one condition changed."""
    rows = [row.model_copy(update=changes) if row.key == key else row for row in content.conditions]
    return content.model_copy(update={"conditions": rows})


def yes_no(key: str, **more: Any) -> dict[str, Any]:
    options = [{"key": f"{key}/yes", "label": "はい"}, {"key": f"{key}/no", "label": "いいえ"}]
    return {"key": key, "text": key, "kind": "one", "options": options, **more}


def row(key: str, *requires: str, **more: Any) -> dict[str, Any]:
    return {"key": key, "label": key, "life_events": ["e"], "requires": [[one] for one in requires], **more}


def content(*rows: dict[str, Any], questions: Iterable[dict[str, Any]]) -> Content:
    """One life event with two procedures and a document."""
    return Content.model_validate(
        {
            "format": 2,
            "life_events": [{"key": "e", "name": "e"}],
            "questions": list(questions),
            "conditions": list(rows),
            "procedures": [{"key": "p", "name": "p"}, {"key": "r", "name": "r"}],
            "documents": [{"key": "d", "name": "d"}],
        }
    )


def told(groups: Iterable[ChangeGroup]) -> list[tuple[list[tuple[str, str | None, str, str]], int]]:
    return [([(c.procedure, c.document, c.before, c.after) for c in one.changes], one.count) for one in groups]


def test_a_question_that_is_gone_leaves_the_old_side_open() -> None:
    old = content(
        row("c", "a/yes", "b/yes", selects=["p"], needs=["d"]),
        row("s", "b/no", selects=["r"]),
        questions=[yes_no("a"), yes_no("b")],
    )
    new = content(
        row("c", "a/yes", selects=["p"], needs=["d"]),
        row("s", selects=["r"]),
        questions=[yes_no("a")],
    )
    [event] = compare(old, new).events
    assert (event.households, event.changed) == (2, 2)
    assert told(event.causes) == [
        ([("r", None, "may_apply", "applies")], 2),
        ([("p", None, "may_apply", "applies"), ("p", "d", "may_be_needed", "needed")], 1),
    ]
    assert {change.effect for group in event.causes for change in group.changes} == {"changed"}
    assert event.outcomes is not None
    assert {len(group.changes): group.example.new for group in event.outcomes} == {
        3: (Answer("a", ("a/yes",)),),
        1: (Answer("a", ("a/no",)),),
    }


def test_a_question_no_condition_looks_at_any_more_still_divides() -> None:
    """It is still there, so the household answers it: who loses the procedure is known exactly."""
    old = content(row("c", "a/yes", "b/yes", selects=["p"]), questions=[yes_no("a"), yes_no("b")])
    new = content(row("c", "a/yes", selects=["p"]), questions=[yes_no("a"), yes_no("b")])
    [event] = compare(old, new).events
    assert event.households == 4
    assert told(event.causes) == [([("p", None, "not_listed", "applies")], 1)]
    assert (
        event.causes[0].example.old == event.causes[0].example.new == (Answer("a", ("a/yes",)), Answer("b", ("b/no",)))
    )
    [back] = compare(new, old).events
    assert told(back.causes) == [([("p", None, "applies", "not_listed")], 1)]


def test_a_new_option_has_no_counterpart_or_is_left_out() -> None:
    old = content(row("c", "a/no", selects=["p"]), questions=[yes_no("a")])
    options = [*old.questions[0].options, old.questions[0].options[0].model_copy(update={"key": "a/new"})]
    [event] = compare(old, with_question(old, "a", options=options)).events
    assert (event.households, event.changed, event.apart_count, event.same) == (3, 0, 1, False)
    [apart] = event.apart
    assert (apart.question, apart.option, apart.count) == ("a", "a/new", 1)
    assert apart.example.new == (Answer("a", ("a/new",)),)
    assert apart.example.old == ()
    many = with_question(old, "a", kind="many")
    [event] = compare(many, with_question(many, "a", options=options)).events
    assert (event.households, event.changed, event.apart_count, event.same) == (8, 0, 0, True)


def test_an_answer_that_was_not_possible_has_no_counterpart() -> None:
    """Of kind `one` exactly one option was; where the question is moot now, it is only unanswered."""
    more = [{"key": f"b/o{number}", "label": "o"} for number in range(2)]
    old = content(row("c", "b/o0", selects=["p"]), questions=[yes_no("a"), yes_no("b", options=more)])
    new = with_question(old, "b", kind="many", asked_after=["a/yes"])
    [event] = compare(old, new).events
    assert (event.households, event.changed, event.apart_count) == (5, 1, 2)
    [apart] = event.apart
    assert (apart.question, apart.option, apart.count) == ("b", None, 2)
    assert told(event.causes) == [([("p", None, "may_apply", "not_listed")], 1)]
    assert event.causes[0].example.new == (Answer("a", ("a/no",)),)


def test_a_changed_reason_alone_is_no_change() -> None:
    old = seed()
    new = old
    for condition in old.conditions:
        new = with_condition(new, condition.key, label=f"{condition.label}（新）")
    found = compare(old, new)
    assert found.same and found.decided and not found.scenarios
    assert len(found.events) == 8


def test_the_first_edition_with_edits() -> None:
    """Too many households to look at: every example is evaluated on both, and the scenarios tell the same."""
    old = seed()
    rng = Random("seed")
    changed = 0
    for _ in range(8):
        new = edited(rng, old, times=rng.choice([1, 2, 4]))
        found = compare(old, new)
        assert found.decided
        for event in found.events:
            for group in (*(event.outcomes or ()), *event.causes):
                before = listed(old, event.events, group.example.old)
                after = listed(new, event.events, group.example.new)
                seen = differences(before, after)
                assert seen >= frozenset(group.changes)
                assert group not in (event.outcomes or ()) or seen == frozenset(group.changes)
                changed += 1
            if event.outcomes is not None:
                assert sum(group.count for group in event.outcomes) == event.changed
            assert max((group.count for group in event.causes), default=0) <= event.changed <= event.households
    assert changed > 20


def test_a_life_event_that_comes_or_goes() -> None:
    old = seed()
    new = old.model_copy(update={"life_events": old.life_events[1:]})
    gone = old.life_events[0].key
    for before, after, presence in ((old, new, "removed"), (new, old, "new")):
        [event] = [one for one in compare(before, after).events if one.events == (gone,)]
        assert (event.presence, event.same) == (presence, False)
        assert event.households > 1
    assert compare(old, new).events[-1].events == (gone,)


def test_what_is_too_large_is_told_and_never_called_the_same() -> None:
    content = dense()
    changed = with_condition(content, "life-c5", requires=[])
    for steps in (10, 300):
        found = compare(content, changed, steps=steps)
        [event] = found.events
        assert event.not_decided is not None and event.not_decided.why == "steps"
        assert not found.decided and not event.same and not found.same
    assert compare(content, changed).decided


def test_where_nobody_can_answer_nothing_is_proved() -> None:
    """A question of kind `one` without options, which no valid content has, leaves no household."""
    old = content(row("c", "a/yes", selects=["p"]), questions=[yes_no("a")])
    new = with_question(old.model_copy(update={"conditions": []}), "a", options=[])
    [event] = compare(old, new).events
    assert (event.households, event.changed, event.same) == (0, 0, False)


def test_too_many_outcomes_are_not_told_one_by_one() -> None:
    """Ten independent changes make 1,023 outcomes; the ten causes are told."""
    questions = [yes_no(f"q{number}") for number in range(10)]
    procedures = [{"key": f"p{number}", "name": "p"} for number in range(10)]
    rows = [row(f"c{number}", f"q{number}/yes", selects=[f"p{number}"]) for number in range(10)]
    made = content(questions=questions).model_dump(by_alias=True, exclude_defaults=True)
    old = Content.model_validate({**made, "procedures": procedures})
    new = Content.model_validate({**made, "procedures": procedures, "conditions": rows})
    [event] = compare(old, new).events
    assert OUTCOMES < 2**10 - 1
    assert event.outcomes is None
    assert (event.households, event.changed) == (1024, 1023)
    assert [group.count for group in event.causes] == [512] * 10
