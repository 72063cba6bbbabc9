"""Scenarios on a real store: green and red, why, and made of guidance, examples and printed codes."""

from __future__ import annotations

import copy
from dataclasses import replace
from random import Random
from typing import Any

import pytest

from service.accounts.permissions import OPERATOR
from service.caching import PROCESS
from service.content.loading import read_plain
from service.content.models import Answer, Content
from service.diff_text.outcomes import Outcome
from service.editions import archive, drafts, edits, findings, importing, scenarios
from service.errors import Archived, NotFound, OtherContent
from service.guidance import codes
from service.guidance.answers import Query, Why
from service.store import editions
from service.store.catalogue import Catalogue
from service.store.graph import Graph
from tests.contents import random_answers, random_content
from tests.evaluation import answers_of, evaluate
from tests.seed import seed

Fields = dict[str, Any]

PETS: Fields = {
    "format": 2,
    "life_events": [{"key": "move", "name": "引っ越し"}, {"key": "birth", "name": "出生"}],
    "questions": [
        {
            "key": "pets",
            "text": "ペットは？",
            "kind": "many",
            "options": [{"key": "pets/dog", "label": "犬"}, {"key": "pets/cat", "label": "猫"}],
        },
        {
            "key": "dogs",
            "text": "犬の登録は？",
            "kind": "one",
            "asked_after": ["pets/dog"],
            "options": [{"key": "dogs/done", "label": "済んだ"}, {"key": "dogs/open", "label": "まだ"}],
        },
    ],
    "conditions": [
        {"key": "all", "label": "引っ越した方", "life_events": ["move"], "selects": ["notice"]},
        {
            "key": "open",
            "label": "登録がまだの方",
            "life_events": ["move"],
            "requires": [["dogs/open"]],
            "excludes": ["pets/cat"],
            "selects": ["dog"],
        },
        {
            "key": "done",
            "label": "登録が済んだ方",
            "life_events": ["move"],
            "requires": [["pets/dog"], ["dogs/done"]],
            "selects": ["dog"],
        },
        {"key": "born", "label": "生まれた方", "life_events": ["birth"], "selects": ["baby"]},
    ],
    "procedures": [
        {"key": "notice", "name": "転入届"},
        {"key": "dog", "name": "犬の届け出"},
        {"key": "baby", "name": "出生届"},
    ],
}


async def _draft(graph: Graph, plain: Fields | Content, title: str = "scenarios") -> int:
    content = plain if isinstance(plain, Content) else read_plain(plain)
    return (await importing.import_content(graph, content, publish=False, title=title)).edition.number


async def _run(graph: Graph, **scenario: Any) -> Outcome:
    """The outcome of one scenario on the content about pets."""
    made = copy.deepcopy(PETS)
    made["scenarios"] = [{"key": "case", "name": "例", "life_events": ["move"], **scenario}]
    (outcome,) = await scenarios.run(graph, await _draft(graph, made))
    return outcome


def _query(*answers: Answer, events: tuple[str, ...] = ("move",)) -> Query:
    return Query(events, answers)


DOG = Answer("pets", ("pets/dog",))
OPEN = Answer("dogs", ("dogs/open",))


async def test_every_scenario_of_the_first_edition_is_green(graph: Graph) -> None:
    outcomes = await scenarios.run(graph, await _draft(graph, seed()))
    assert [one.key for one in outcomes] == sorted(one.key for one in seed().scenarios)
    assert [one.sentence for one in outcomes if not one.green] == []
    assert all(one.guidance.next_question is None for one in outcomes)


async def test_only_those_named_are_run(graph: Graph) -> None:
    number = await _draft(graph, seed())
    wanted = [one.key for one in seed().scenarios[:2]]
    assert [one.key for one in await scenarios.run(graph, number, only=wanted)] == sorted(wanted)


async def test_green_is_what_is_as_expected(graph: Graph) -> None:
    said = {"pets": ["pets/dog"], "dogs": ["dogs/open"]}
    outcome = await _run(graph, answers=said, expects=["notice", "dog"], rules_out=["baby"])
    assert outcome.green
    assert outcome.sentence == "試験ケース『例』は、期待どおりです。"


async def test_what_is_expected_and_not_listed_says_which_answer_of_which_condition(graph: Graph) -> None:
    outcome = await _run(graph, answers={"pets": ["pets/cat"]}, expects=["notice", "dog"])
    (one,) = outcome.deviations
    assert (one.procedure, one.how) == ("dog", "not_listed")
    assert one.sentence == "手続き『犬の届け出』が出るはずですが、出ません。"
    assert [(found.condition, len(found.clauses)) for found in one.conditions] == [("done", 2), ("open", 2)]
    assert one.reasons == (
        "条件『登録が済んだ方』は、『ペットは？／犬』を選ぶことが要るのに『ペットは？／猫』と答えたので、"
        "『犬の登録は？／済んだ』の質問がほかの答えで聞かれなくなるので当てはまりません。",
        "条件『登録がまだの方』は、『ペットは？／猫』と答えた人を除くので、"
        "『犬の登録は？／まだ』の質問がほかの答えで聞かれなくなるので当てはまりません。",
    )


async def test_what_is_expected_and_not_certain_says_what_is_open(graph: Graph) -> None:
    outcome = await _run(graph, answers={"pets": ["pets/dog"], "dogs": "unsure"}, expects=["dog"])
    (one,) = outcome.deviations
    assert one.how == "may_apply"
    assert one.sentence == "手続き『犬の届け出』が必ず出るはずですが、「条件によって必要」としか出ません。"
    assert one.reasons[0] == (
        "条件『登録が済んだ方』は、『犬の登録は？／済んだ』かどうかが「わからない」という答えなのでまだ決まりません。"
    )
    unanswered = await _run(graph, answers={"pets": ["pets/dog"]}, expects=["dog"])
    assert "まだ答えられていないのでまだ決まりません" in unanswered.deviations[0].reasons[0]
    assert unanswered.guidance.next_question == "dogs"


async def test_what_is_ruled_out_and_listed_says_what_lists_it(graph: Graph) -> None:
    said = {"pets": ["pets/dog"], "dogs": ["dogs/open"]}
    outcome = await _run(graph, answers=said, rules_out=["dog", "notice"])
    assert [(one.procedure, one.how) for one in outcome.deviations] == [("dog", "listed"), ("notice", "listed")]
    assert outcome.deviations[0].reasons == (
        "条件『登録がまだの方』は、『ペットは？／犬』と答えたので、『犬の登録は？／まだ』と答えたので当てはまります。",
    )
    assert outcome.deviations[1].reasons == ("条件『引っ越した方』は、だれにでも当てはまります。",)


async def test_a_procedure_that_the_life_events_never_select_says_so(graph: Graph) -> None:
    outcome = await _run(graph, answers={"pets": []}, expects=["baby"])
    assert outcome.deviations[0].reasons == ("選んだライフイベントには、この手続きを選ぶ条件がありません。",)


async def test_a_condition_that_is_changed_makes_scenarios_red_and_blocks(graph: Graph) -> None:
    number = await _draft(graph, seed(), title="red")
    row, revision = await edits.item(graph.latest, number, key="if-death-kokuho")
    assert row is not None
    without = type(row)(row.kind, row.fields | {"selects": ["kokuho-dattai-shibou"]})
    await edits.change(graph, number, by=OPERATOR, put=[without], revisions={row.key: revision or 0})
    red = [one for one in await scenarios.run(graph, number) if not one.green]
    expected = [one.key for one in seed().scenarios if "kokuho-sousaihi" in one.expects]
    assert [one.key for one in red] == sorted(expected)
    blocking = [one for one in await findings.find(graph, number) if one.severity == "blocking"]
    assert {one.keys[0] for one in blocking if one.code == "scenario_fails"} == set(expected)


async def test_guidance_becomes_a_scenario_that_is_green(graph: Graph) -> None:
    number = await _draft(graph, PETS, title="proposed")
    made = await scenarios.proposed(
        graph, number, name="犬のいる家", said=_query(DOG, OPEN), rules_out=["baby", "dog", "no-such"], note="例"
    )
    assert made.item.fields["expects"] == ["dog", "notice"]
    assert made.item.fields["rules_out"] == ["baby"], "what applies cannot be ruled out"
    assert made.missing == ("no-such",)
    await edits.change(graph, number, by=OPERATOR, put=[made.item], revisions={})
    (outcome,) = await scenarios.run(graph, number)
    assert (outcome.key, outcome.name, outcome.green) == (made.item.key, "犬のいる家", True)
    another = await scenarios.proposed(graph, number, name="犬のいる家", said=_query(DOG))
    assert another.item.key != made.item.key


async def test_answers_that_do_not_count_are_left_out_and_named(graph: Graph) -> None:
    number = await _draft(graph, PETS, title="moot")
    made = await scenarios.proposed(graph, number, name="猫", said=_query(Answer("pets", ()), OPEN))
    assert made.item.fields["answers"] == {"pets": []}
    assert [(one.question, one.why) for one in made.dropped] == [("dogs", Why.MOOT)]


async def test_an_example_of_a_comparison_keeps_what_its_own_edition_says(graph: Graph) -> None:
    changed = copy.deepcopy(PETS)
    changed["conditions"][1]["selects"] = ["baby"]
    changed["procedures"].append({"key": "extra", "name": "ほか"})
    changed["conditions"][0]["selects"] = ["notice", "extra"]
    old, new = await _draft(graph, PETS, title="old"), await _draft(graph, changed, title="new")
    before = await scenarios.proposed(graph, new, name="例", said=_query(DOG, OPEN), on=old)
    assert before.item.fields["expects"] == ["dog", "notice"], "red on the new edition: that is what it is for"
    after = await scenarios.proposed(graph, old, name="例", said=_query(DOG, OPEN), on=new)
    assert (after.item.fields["expects"], after.missing) == (["baby", "notice"], ("extra",))


async def test_a_printed_code_becomes_a_scenario(graph: Graph) -> None:
    number = await _draft(graph, PETS, title="codes")
    edition, outline = await editions.numbered(graph, number), await Catalogue(graph, PROCESS).outline(number)
    code = codes.typed(number, codes.encode(edition, ["move"], [DOG, OPEN], outline))
    made = await scenarios.from_code(graph, number, code=code, name="紙の番号", rules_out=["baby"])
    assert made.item.fields["answers"] == {"dogs": ["dogs/open"], "pets": ["pets/dog"]}
    assert made.item.fields["life_events"] == ["move"]
    assert made.item.fields["expects"] == ["dog", "notice"]
    with pytest.raises(NotFound):
        await scenarios.from_code(graph, number, code=f"{number}-0000", name="間違い")
    other = codes.encode(replace(edition, content_hash="0" * 64), ["move"], [DOG, OPEN], outline)
    with pytest.raises(OtherContent):
        await scenarios.from_code(graph, number, code=codes.typed(number, other), name="別の内容")


async def test_an_archived_edition_is_told_and_its_codes_are_read_with_its_outline(graph: Graph) -> None:
    plain = copy.deepcopy(PETS)
    plain["procedures"].append({"key": "gone", "name": "なくなる手続き"})
    old, new = await _draft(graph, plain, title="archived"), await _draft(graph, PETS, title="after")
    edition, outline = await editions.numbered(graph, old), await Catalogue(graph, PROCESS).outline(old)
    code = codes.typed(old, codes.encode(edition, ["move"], [DOG, OPEN], outline))
    await drafts.discard(graph, old, by=OPERATOR)
    await archive.archive(graph, old, by=OPERATOR)
    with pytest.raises(Archived):
        await scenarios.run(graph, old)
    with pytest.raises(Archived):
        await findings.find(graph, old)
    with pytest.raises(Archived):
        await scenarios.from_code(graph, new, code=code, name="紙の番号")
    made = await scenarios.from_code(graph, new, code=code, name="紙の番号", outline=outline)
    assert made.item.fields["expects"] == ["dog", "notice"]


@pytest.mark.parametrize("number", range(10))
async def test_random_guidance_makes_green_scenarios_and_random_scenarios_agree(graph: Graph, number: int) -> None:
    """The second with the plain evaluation: which procedures are not as they say, and in which way."""
    rng = Random(7_000 + number)
    content = random_content(rng)
    edition = await _draft(graph, content, title=f"random {number}")
    for outcome in await scenarios.run(graph, edition):
        one = outcome.scenario
        listed = evaluate(content, one.life_events, answers_of(one)).procedures
        status = {key: found.status for key, found in listed.items()}
        wrong = {key: status.get(key, "not_listed") for key in one.expects if status.get(key) != "applies"}
        wrong |= {key: "listed" for key in one.rules_out if key in status}
        assert {found.procedure: found.how for found in outcome.deviations} == wrong
    events = tuple(event.key for event in content.life_events)
    made = await scenarios.proposed(graph, edition, name="例", said=Query(events, random_answers(rng, content)))
    await edits.change(graph, edition, by=OPERATOR, put=[made.item], revisions={})
    (green,) = await scenarios.run(graph, edition, only=[made.item.key])
    assert green.green
