"""Question and date forms as a browser without JavaScript sends them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from service import clock
from service.content.models import Answer, LifeEvent, Option, Outline, Question
from service.errors import NotFound
from service.guidance.answers import Query, fields, write_address
from service.guidance.forms import SURE, AnswerProblem, Submission, is_form, submitted
from service.guidance.typed_days import DateProblem, Doubt


def asked(key: str, *own_keys: str, kind: str = "one", unsure: bool = True, after: str = "") -> Question:
    return Question.model_validate(
        {
            "key": key,
            "text": key,
            "kind": kind,
            "unsure": unsure,
            "asked_after": [after] if after else [],
            "options": [Option(key=f"{key}/{own}", label=own) for own in own_keys],
        }
    )


QUESTIONS = [
    asked("children", "yes", "no"),
    asked("age", "baby", "pupil", kind="many", after="children/yes"),
    asked("insurance", "national", "employer", unsure=False),
]
FAMILY = Outline(
    7,
    {
        "birth": LifeEvent(key="birth", name="出生", date_label="生まれた日"),
        "death": LifeEvent(key="death", name="死亡", date_label="亡くなった日"),
        "name-change": LifeEvent(key="name-change", name="氏名変更"),
    },
    {question.key: question for question in QUESTIONS},
)
START = [("event", "birth")]


@pytest.fixture(autouse=True)
def _spring() -> Iterator[None]:
    with clock.fixed(datetime(2026, 4, 1, 9, tzinfo=clock.TOKYO)):
        yield


def send(question: str, *chosen: str, before: Query | None = None) -> Submission:
    hidden = fields(before) if before else START
    return submitted([*hidden, ("q", question), *(("o", value) for value in chosen)], FAMILY)


@pytest.mark.parametrize(
    ("question", "chosen", "answer"),
    [
        ("children", ["yes"], Answer("children", ("children/yes",))),
        ("children", ["?"], Answer("children", unsure=True)),
        ("age", ["pupil", "baby", "pupil"], Answer("age", ("age/baby", "age/pupil"))),
        ("age", ["-"], Answer("age")),
        ("age", ["?"], Answer("age", unsure=True)),
    ],
)
def test_a_choice_becomes_an_answer(question: str, chosen: list[str], answer: Answer) -> None:
    sent = send(question, *chosen)
    assert sent.accepted
    assert (sent.question, sent.query.answers) == (question, (answer,))


@pytest.mark.parametrize(
    ("question", "chosen", "error"),
    [
        ("children", [], AnswerProblem.NOTHING_CHOSEN),
        ("age", [], AnswerProblem.NOTHING_CHOSEN),
        ("children", ["yes", "no"], AnswerProblem.SEVERAL_CHOSEN),
        ("children", ["yes", "?"], AnswerProblem.UNSURE_WITH_OTHERS),
        ("age", ["baby", "?"], AnswerProblem.UNSURE_WITH_OTHERS),
        ("age", ["-", "?"], AnswerProblem.UNSURE_WITH_OTHERS),
        ("age", ["baby", "-"], AnswerProblem.NONE_WITH_OTHERS),
        ("children", ["-"], AnswerProblem.NOT_OFFERED),
        ("insurance", ["?"], AnswerProblem.NOT_OFFERED),
        ("children", ["maybe"], AnswerProblem.NOT_OFFERED),
        ("age", ["baby", "old"], AnswerProblem.NOT_OFFERED),
        ("age", [""], AnswerProblem.NOT_OFFERED),
        ("children", ["children/yes"], AnswerProblem.NOT_OFFERED),
    ],
)
def test_an_impossible_choice_is_told_and_keeps_what_was_ticked(
    question: str, chosen: list[str], error: AnswerProblem
) -> None:
    before = Query(("birth",), (Answer("insurance", ("insurance/national",)),))
    sent = send(question, *chosen, before=before)
    assert not sent.accepted
    assert (sent.error, sent.chosen, sent.query.answers) == (error, tuple(chosen), before.answers)


def test_a_sent_answer_replaces_the_earlier_one_and_what_it_makes_moot() -> None:
    before = Query(("birth",), (Answer("age", ("age/baby",)), Answer("children", ("children/yes",))))
    sent = send("children", "no", before=before)
    assert write_address(sent.query) == "event=birth&a=children:no"
    assert [dropped.what for dropped in sent.query.dropped] == ["age"]
    assert sent.moot == (Answer("age", ("age/baby",)),)


def test_a_question_that_is_gone_is_ignored() -> None:
    sent = send("pets", "dog")
    assert (sent.question, sent.accepted, write_address(sent.query)) == (None, True, "event=birth")


def test_a_form_without_life_event_is_nothing() -> None:
    with pytest.raises(NotFound):
        submitted([("q", "children"), ("o", "yes")], FAMILY)


def test_what_is_a_form() -> None:
    assert not is_form(fields(Query(("birth",), (Answer("age"),), {"birth": date(2026, 3, 1)}, "5-abc")))
    for name in ("q", "o", "date-birth-y"):
        assert is_form([("event", "birth"), (name, "")])


def dated(year: str, month: str, day: str, *, event: str = "birth", before: str = "") -> Submission:
    hidden = [*START, ("date", before)] if before else START
    parts = zip("ymd", (year, month, day), strict=True)
    return submitted([*hidden, *((f"date-{event}-{part}", value) for part, value in parts)], FAMILY)


@pytest.mark.parametrize(
    "typed",
    [("2026", "3", "1"), ("２０２６", "０３", "０１"), (" 2026年", "3月 ", "1日"), ("2026", "03", "1")],
)
def test_a_day_in_any_digits(typed: tuple[str, str, str]) -> None:
    sent = dated(*typed)
    assert sent.accepted
    assert write_address(sent.query) == "event=birth&date=birth:2026-03-01"


@pytest.mark.parametrize(
    ("typed", "problem"),
    [
        (("2026", "2", "30"), DateProblem.NO_SUCH_DAY),
        (("2026", "13", "1"), DateProblem.NO_SUCH_DAY),
        (("2026", "2", "29"), DateProblem.NO_SUCH_DAY),
        (("0000", "1", "1"), DateProblem.NO_SUCH_DAY),
        (("2026", "0", "1"), DateProblem.NO_SUCH_DAY),
        (("2026", "", "1"), DateProblem.INCOMPLETE),
        (("", "", "1"), DateProblem.INCOMPLETE),
        (("20260", "3", "1"), DateProblem.NO_SUCH_YEAR),
        (("2026", "三", "1"), DateProblem.NOT_A_NUMBER),
        (("2026", "-3", "1"), DateProblem.NOT_A_NUMBER),
        (("2026", "3", "9" * 5000), DateProblem.NOT_A_NUMBER),
        (("1899", "12", "31"), DateProblem.TOO_EARLY),
        (("2027", "4", "2"), DateProblem.TOO_LATE),
    ],
)
def test_an_impossible_day_is_told(typed: tuple[str, str, str], problem: DateProblem) -> None:
    sent = dated(*typed)
    assert not sent.accepted
    assert (sent.date_errors, sent.query.dates) == ({"birth": problem}, {})
    assert sent.typed["birth"].year == typed[0]


def test_the_bounds_themselves_are_possible() -> None:
    assert dated("1900", "1", "1").query.dates == {"birth": date(1900, 1, 1)}
    assert dated("2027", "4", "1").query.dates == {"birth": date(2027, 4, 1)}


def test_empty_fields_take_a_day_back_and_wrong_ones_do_too() -> None:
    assert dated("", " ", "").query.dates == {}
    assert dated("", "", "", before="birth:2026-03-01").query.dates == {}
    assert dated("2026", "2", "30", before="birth:2026-03-01").query.dates == {}
    assert dated("2026", "3", "2", before="birth:2026-03-01").query.dates == {"birth": date(2026, 3, 2)}


def test_days_of_other_life_events_are_not_read() -> None:
    for event in ("death", "name-change", "marriage", ""):
        sent = dated("2026", "3", "1", event=event)
        assert (sent.query.dates, sent.typed) == ({}, {})


def test_a_day_and_an_answer_in_one_form() -> None:
    params = [*START, ("q", "children"), ("o", "yes"), ("date-birth-y", "2026")]
    sent = submitted(params, FAMILY)
    assert sent.query.answers == (Answer("children", ("children/yes",)),)
    assert (sent.accepted, sent.date_errors) == (False, {"birth": DateProblem.INCOMPLETE})


NAMES = st.sampled_from(["event", "a", "q", "o", "date-birth-y", "date-birth-m", "date-birth-d", "date--y", "date-"])


@settings(max_examples=100, deadline=None)
@given(st.lists(st.tuples(NAMES, st.text(max_size=8) | st.sampled_from(["children", "yes", "?", "-", "2026", "2"]))))
def test_hostile_forms_never_fail(params: list[tuple[str, str]]) -> None:
    with clock.fixed(datetime(2026, 4, 1, 9, tzinfo=clock.TOKYO)):
        sent = submitted([*params, *START], FAMILY)
    assert "birth" in sent.query.life_events


# Unlikely days


def test_an_unlikely_day_is_asked_about_and_taken_when_it_is_said_again() -> None:
    asked_about = dated("2026", "4", "2")
    assert not asked_about.accepted and asked_about.doubts == {"birth": Doubt.AHEAD}
    assert asked_about.query.dates == {"birth": date(2026, 4, 2)} and not asked_about.date_errors
    again = [("date-birth-y", "2026"), ("date-birth-m", "4"), ("date-birth-d", "2")]
    assert submitted([*START, *again, (SURE, "birth:2026-04-02")], FAMILY).accepted
    other = submitted([*START, *again, (SURE, "birth:2026-04-03")], FAMILY)
    assert not other.accepted, "another day was meant"


def test_a_day_long_ago_is_asked_about() -> None:
    assert dated("2025", "3", "30").doubts == {"birth": Doubt.LONG_AGO}
    assert dated("2025", "3", "31").accepted


def test_a_day_that_stands_in_the_address_is_not_asked_about() -> None:
    assert submitted([*START, ("date", "birth:2026-04-02")], FAMILY).accepted
