"""Addresses and requests: one normal form, forgiving pages, a strict API, answers carried over and back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime
from random import Random
from typing import Any
from urllib.parse import parse_qsl, quote_plus, urlsplit

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from service import clock
from service.caching import ENTRY_BYTES, PROCESS
from service.content.models import Answer, Content, LifeEvent, Option, Outline, Question
from service.errors import InvalidRequest, NotFound
from service.guidance.answers import Dropped, Query, Why, fields, moot, read_address, write_address
from service.guidance.replay import replay, with_answer
from service.guidance.requests import GuidanceRequest, SaidAnswer, read_strictly
from tests.contents import contents, random_answers, random_life_events
from tests.evaluation import Evaluation

NOON = datetime(2026, 4, 1, 12, tzinfo=clock.TOKYO)


def asked(key: str, *own_keys: str, **more: Any) -> Question:
    options = [Option(key=f"{key}/{own}", label=f"label of {own}") for own in own_keys]
    return Question(key=key, text=f"{key}?", kind=more.pop("kind", "one"), options=options, **more)


def outline(*questions: Question, edition: int = 7) -> Outline:
    events = [
        LifeEvent(key="birth", name="出生", position=2, date_label="生まれた日"),
        LifeEvent(key="moving-in", name="転入", position=1, date_label="住み始めた日"),
        LifeEvent(key="name-change", name="氏名変更", position=2),
    ]
    return Outline(edition, {event.key: event for event in events}, {q.key: q for q in questions})


FAMILY = outline(
    asked("children", "yes", "no"),
    asked("age", "baby", "pupil", kind="many", asked_after=["children/yes"]),
    asked("school", "public", "private", asked_after=["age/pupil"]),
    asked("insurance", "national", "employer", unsure=False),
    asked("welfare", "a-card", "b-card", "c-card", kind="many"),
)


def read(address: str, known: Outline = FAMILY) -> Query:
    return read_address(parse_qsl(address, keep_blank_values=True), known)


def reasons(query: Query) -> list[tuple[str, Why]]:
    return [(dropped.what, dropped.why) for dropped in query.dropped]


# What an address says


def test_every_form_of_answer() -> None:
    query = read("event=birth&a=children:yes&a=welfare:&a=age:?&a=insurance:national")
    assert query.answers == (
        Answer("age", unsure=True),
        Answer("children", ("children/yes",)),
        Answer("insurance", ("insurance/national",)),
        Answer("welfare"),
    )
    assert query.dropped == ()


def test_life_events_stand_by_position_then_key_and_once() -> None:
    query = read("event=name-change&event=birth&event=moving-in&event=birth")
    assert query.life_events == ("moving-in", "birth", "name-change")


def test_options_stand_in_option_order_and_once() -> None:
    query = read("event=birth&a=welfare:c-card,a-card,c-card")
    assert query.answers == (Answer("welfare", ("welfare/a-card", "welfare/c-card")),)


def test_the_last_of_a_repeated_answer_counts_even_where_it_is_impossible() -> None:
    assert read("event=birth&a=children:yes&a=children:no").answers == (Answer("children", ("children/no",)),)
    spoiled = read("event=birth&a=children:yes&a=children:maybe")
    assert (spoiled.answers, reasons(spoiled)) == ((), [("children:maybe", Why.UNKNOWN_OPTION)])


@pytest.mark.parametrize(
    ("said", "why"),
    [
        ("pets:yes", Why.UNKNOWN_QUESTION),
        ("", Why.UNKNOWN_QUESTION),
        ("children", Why.MALFORMED),
        ("children:", Why.NONE_CHOSEN),
        ("children:yes,no", Why.SEVERAL_CHOSEN),
        ("children:yes,maybe", Why.UNKNOWN_OPTION),
        ("children:children/yes", Why.UNKNOWN_OPTION),
        ("children:YES", Why.UNKNOWN_OPTION),
        ("insurance:?", Why.UNSURE_NOT_OFFERED),
        ("welfare:a-card,nothing", Why.UNKNOWN_OPTION),
        ("welfare:a-card,", Why.UNKNOWN_OPTION),
        ("welfare:?,a-card", Why.UNKNOWN_OPTION),
    ],
)
def test_what_is_not_possible_is_dropped_and_said(said: str, why: Why) -> None:
    query = read_address([("event", "birth"), ("a", said)], FAMILY)
    assert (query.answers, reasons(query)) == ((), [(said, why)])


def test_moot_answers_are_dropped_and_said_all_the_way_down() -> None:
    query = read("event=birth&a=children:no&a=age:pupil&a=school:public")
    assert query.answers == (Answer("children", ("children/no",)),)
    assert query.dropped == (Dropped("age", Why.MOOT, "age"), Dropped("school", Why.MOOT, "school"))


def test_an_answer_whose_parent_is_open_counts() -> None:
    assert [answer.question for answer in read("event=birth&a=school:public&a=children:?").answers] == [
        "children",
        "school",
    ]


def test_without_a_known_life_event_there_is_nothing() -> None:
    for address in ("", "a=children:yes", "event=", "event=marriage"):
        with pytest.raises(NotFound):
            read(address)
    assert reasons(read("event=birth&event=marriage")) == [("marriage", Why.UNKNOWN_LIFE_EVENT)]


@pytest.mark.parametrize(
    ("written", "name"),
    [
        ("12", "12"),
        ("12-3f9a71c2", "12-3f9a71c2"),
        ("12-3f9a71c", None),
        ("12-3F9A71C2", None),
        ("12-3f9a71c2\n", None),
        ("0", None),
        ("-3", None),
        ("1.5", None),
        ("", None),
        ("１２", None),
        ("9" * 5000, None),
        ("x", None),
    ],
)
def test_from_counts_only_as_the_name_of_an_edition(written: str, name: str | None) -> None:
    assert read_address([("event", "birth"), ("from", written)], FAMILY).from_edition == name


@pytest.mark.parametrize(
    ("said", "what", "why"),
    [
        ("birth:2026-02-30", "2026-02-30", Why.NO_DATE),
        ("birth:20260201", "20260201", Why.NO_DATE),
        ("birth:1899-12-31", "1899-12-31", Why.NO_DATE),
        ("birth:2027-04-02", "2027-04-02", Why.NO_DATE),
        ("birth:２０２６-02-01", "２０２６-02-01", Why.NO_DATE),
        ("birth", "", Why.NO_DATE),
        ("moving-in:2026-02-01", "moving-in", Why.DATE_WITHOUT_LIFE_EVENT),
        ("name-change:2026-02-01", "name-change", Why.DATE_NOT_ASKED),
    ],
)
def test_dates_that_cannot_be_are_dropped_and_said(said: str, what: str, why: Why) -> None:
    with clock.fixed(NOON):
        query = read_address([("event", "birth"), ("event", "name-change"), ("date", said)], FAMILY)
    assert (query.dates, reasons(query)) == ({}, [(what, why)])


def test_dates_belong_to_life_events() -> None:
    with clock.fixed(NOON):
        query = read("event=birth&event=moving-in&date=birth:2027-04-01&date=moving-in:1900-01-01")
    assert query.dates == {"moving-in": date(1900, 1, 1), "birth": date(2027, 4, 1)}


def test_a_year_from_29_february_ends_on_28_february() -> None:
    with clock.fixed(datetime(2028, 2, 29, tzinfo=clock.TOKYO)):
        assert read("event=birth&date=birth:2029-02-28").dates
        assert not read("event=birth&date=birth:2029-03-01").dates


def test_what_is_recorded_stays_small() -> None:
    query = read_address([("event", "birth"), *((("a", f"{n}" + "x" * 9999)) for n in range(3000))], FAMILY)
    assert len(query.dropped) == 50
    assert max(len(dropped.what) for dropped in query.dropped) == 80


# Writing


def test_the_address_is_canonical_and_bare() -> None:
    with clock.fixed(NOON):
        query = read("from=3&date=birth:2026-03-01&a=welfare:c-card,a-card&a=age:?&event=birth&event=moving-in")
    assert write_address(query) == (
        "event=moving-in&event=birth&a=age:?&a=welfare:a-card,c-card&date=birth:2026-03-01&from=3"
    )


def test_an_answer_can_be_put_in_place_while_writing() -> None:
    query = read("event=birth&a=children:yes&from=3")
    said = (Answer("age"), Answer("children", ("children/no",)))
    address = write_address(query, replacing=said, from_edition="8-3f9a71c2")
    assert address == "event=birth&a=age:&a=children:no&from=8-3f9a71c2"


@settings(max_examples=60, deadline=None)
@given(content=contents(described=False), rng=st.randoms(use_true_random=False))
def test_writing_and_reading_are_inverse_and_stable(content: Content, rng: Random) -> None:
    known = outline_of(content)
    events, said = tuple(random_life_events(rng, content)), random_answers(rng, content)
    query = Query(events, said, {}, rng.choice([None, "5-3f9a71c2"]))
    once = read(write_address(query), known)
    assert read(write_address(once), known) == replace(once, dropped=())
    shuffled = fields(query)
    rng.shuffle(shuffled)
    encoded = "&".join(f"{quote_plus(name)}={quote_plus(value)}" for name, value in shuffled)
    assert write_address(read(encoded, known)) == write_address(once)
    assert urlsplit(f"/guide?{write_address(once)}#x").query == write_address(once)


@settings(max_examples=80, deadline=None)
@given(content=contents(described=False), rng=st.randoms(use_true_random=False))
def test_moot_agrees_with_the_plain_evaluation(content: Content, rng: Random) -> None:
    answers = random_answers(rng, content)
    household = Evaluation(content, [], answers)
    expected = {question.key for question in content.questions if household.moot(question.key)}
    assert moot(outline_of(content), answers) == expected


@settings(max_examples=100, deadline=None)
@given(st.lists(st.tuples(st.sampled_from(["event", "a", "date", "from", "q", "", "\0"]), st.text()), max_size=12))
def test_hostile_addresses_never_fail(params: list[tuple[str, str]]) -> None:
    query = read_address([("event", "birth"), *params], FAMILY)
    assert query.life_events[-1:] == ("birth",)
    assert read(write_address(query)).answers == query.answers


def outline_of(content: Content) -> Outline:
    return Outline(1, {e.key: e for e in content.life_events}, {q.key: q for q in content.questions})


# Changing an answer


def test_a_new_answer_replaces_and_drops_what_it_makes_moot() -> None:
    query = read("event=birth&a=children:yes&a=age:pupil&a=school:public")
    changed = with_answer(query, Answer("age", ("age/baby",)), outline=FAMILY)
    assert changed.answers == (Answer("age", ("age/baby",)), Answer("children", ("children/yes",)))
    assert reasons(changed) == [("school", Why.MOOT)]


# Another edition


def changed_family(**changes: Question | None) -> Outline:
    questions = {**FAMILY.questions, **{question.key: question for question in changes.values() if question}}
    gone = {key for key, question in changes.items() if question is None}
    return outline(*(question for key, question in questions.items() if key not in gone), edition=8)


SAID = read("event=birth&a=children:yes&a=age:pupil,baby&a=insurance:national&from=7-3f9a71c2")


def test_an_unchanged_edition_changes_nothing() -> None:
    carried = replay(SAID, FAMILY, new=changed_family())
    assert carried.query == replace(SAID, from_edition=None)
    assert carried.changes == ()


@pytest.mark.parametrize(
    ("question", "why"),
    [
        (None, Why.QUESTION_GONE),
        (
            asked("insurance", "national", "employer").model_copy(update={"text": "ほか"}),
            Why.QUESTION_CHANGED,
        ),
        (asked("insurance", "national", "employer", kind="many"), Why.KIND_CHANGED),
        (asked("insurance", "employer", "none"), Why.OPTION_GONE),
        (
            asked("insurance", "national").model_copy(
                update={
                    "options": [
                        Option(key="insurance/national", label="ほか"),
                        Option(key="insurance/x", label="x"),
                    ]
                }
            ),
            Why.LABEL_CHANGED,
        ),
    ],
)
def test_an_answer_falls_with_what_it_rested_on(question: Question | None, why: Why) -> None:
    carried = replay(SAID, FAMILY, new=changed_family(insurance=question))
    assert carried.changes == (Dropped("insurance", why, "insurance"),)
    assert [answer.question for answer in carried.query.answers] == ["age", "children"]


def test_other_changes_keep_the_answer() -> None:
    help_added = asked("insurance", "national", "new", help="助け", position=9)
    assert replay(SAID, FAMILY, new=changed_family(insurance=help_added)).changes == ()


def test_unsure_falls_where_it_is_no_longer_offered() -> None:
    said = read("event=birth&a=children:?")
    carried = replay(said, FAMILY, new=changed_family(children=asked("children", "yes", "no", unsure=False)))
    assert (carried.query.answers, carried.changes) == (
        (),
        (Dropped("children", Why.UNSURE_NOT_OFFERED, "children"),),
    )


def test_options_take_the_order_of_the_new_edition() -> None:
    carried = replay(
        SAID,
        FAMILY,
        new=changed_family(age=asked("age", "pupil", "baby", kind="many", asked_after=["children/yes"])),
    )
    assert carried.query.answers[0] == Answer("age", ("age/pupil", "age/baby"))


def test_what_a_new_edition_makes_moot_is_said() -> None:
    new = changed_family(
        insurance=asked("insurance", "national", "employer", unsure=False, asked_after=["children/no"])
    )
    assert replay(SAID, FAMILY, new=new).changes == (Dropped("insurance", Why.MOOT, "insurance"),)


def test_life_events_that_are_gone_are_said_with_their_dates() -> None:
    with clock.fixed(NOON):
        said = read("event=birth&event=moving-in&date=birth:2026-03-01")
    new = replace(changed_family(), life_events={"moving-in": FAMILY.life_events["moving-in"]})
    carried = replay(said, FAMILY, new=new)
    assert (carried.query.life_events, carried.query.dates) == (("moving-in",), {})
    assert carried.changes == (Dropped("birth", Why.LIFE_EVENT_GONE),)
    with pytest.raises(NotFound):
        replay(SAID, FAMILY, new=new)


# The API


def reply(question: str, options: list[str] | None = None, *, unsure: bool = False) -> SaidAnswer:
    return SaidAnswer(question=question, options=options, unsure=unsure)


def request(
    *life_events: str, answers: Sequence[SaidAnswer] = (), dates: dict[str, str] | None = None
) -> GuidanceRequest:
    return GuidanceRequest(life_events=list(life_events), answers=list(answers), dates=dates)


def test_a_request_makes_the_same_query_as_an_address() -> None:
    body = request(
        "birth",
        "moving-in",
        "birth",
        answers=[
            reply("welfare", ["welfare/c-card", "welfare/a-card"]),
            reply("age", unsure=True),
            reply("children", ["children/yes"]),
        ],
        dates={"birth": "2026-03-01"},
    )
    with clock.fixed(NOON):
        address = "event=moving-in&event=birth&a=age:?&a=children:yes&a=welfare:a-card,c-card&date=birth:2026-03-01"
        assert read_strictly(body.raw(), FAMILY) == read(address)


def test_none_chosen_and_moot_answers_are_no_error() -> None:
    body = request(
        "birth",
        answers=[
            reply("welfare", []),
            reply("children", ["children/no"]),
            reply("age", ["age/baby"]),
        ],
    )
    query = read_strictly(body.raw(), FAMILY)
    assert query.answers == (Answer("children", ("children/no",)), Answer("welfare"))
    assert reasons(query) == [("age", Why.MOOT)]


OK = reply("welfare", [])


@pytest.mark.parametrize(
    ("body", "where"),
    [
        (request(), "/life_events"),
        (request("birth", "marriage"), "/life_events/1"),
        (request("birth", answers=[OK, reply("pets", ["pets/dog"])]), "/answers/1/question"),
        (request("birth", answers=[OK, reply("children")]), "/answers/1"),
        (request("birth", answers=[OK, reply("children", [])]), "/answers/1/options"),
        (
            request("birth", answers=[OK, reply("children", ["children/yes", "children/no"])]),
            "/answers/1/options",
        ),
        (
            request("birth", answers=[OK, reply("children", ["children/yes", "children/yes"])]),
            "/answers/1/options",
        ),
        (request("birth", answers=[OK, reply("children", ["insurance/national"])]), "/answers/1/options/0"),
        (request("birth", answers=[reply("welfare", ["welfare/a-card", "a-card"])]), "/answers/0/options/1"),
        (request("birth", answers=[reply("children", ["children/yes"], unsure=True)]), "/answers/0/unsure"),
        (request("birth", answers=[reply("children", [], unsure=True)]), "/answers/0/unsure"),
        (request("birth", answers=[reply("insurance", unsure=True)]), "/answers/0/unsure"),
        (request("birth", answers=[OK, OK]), "/answers/1/question"),
        (request("birth", dates={"birth": "2026-02-30"}), "/dates/birth"),
        (request("birth", dates={"birth": "tomorrow"}), "/dates/birth"),
        (request("birth", dates={"moving-in": "2026-02-01"}), "/dates/moving-in"),
        (request("birth", dates={"~a/b": "2026-02-01"}), "/dates/~0a~1b"),
    ],
)
def test_the_api_names_the_culprit(body: GuidanceRequest, where: str) -> None:
    with pytest.raises(InvalidRequest) as caught:
        read_strictly(body.raw(), FAMILY)
    assert caught.value.where == where


# Speed and memory


def test_many_outlines_do_not_pile_up() -> None:
    """They count in the bound of the process."""
    from service.guidance.answers import INDEX_BYTES, _indexes

    bound = int(PROCESS.kept.maxsize)
    PROCESS.resize(10 * (ENTRY_BYTES + INDEX_BYTES))
    try:
        kept = [outline(asked("children", "yes", "no"), edition=number) for number in range(100)]
        for known in kept:
            assert read("event=birth&a=children:yes", known).answers
        assert 0 < len(_indexes) <= 10
    finally:
        PROCESS.resize(bound)


def test_an_outline_is_indexed_by_itself_and_not_by_its_edition() -> None:
    draft = outline(asked("children", "yes", "no"))
    edited = outline(asked("children", "maybe", "no"))
    assert read("event=birth&a=children:yes", draft).answers
    assert not read("event=birth&a=children:yes", edited).answers
