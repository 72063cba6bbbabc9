"""The way back through an interview, which no address remembers."""

from __future__ import annotations

from service.content.models import Answer, LifeEvent, Option, Outline, Question
from service.guidance.answers import Query
from service.guidance.interview import order
from service.web.residents.parts import back_address


def _question(key: str, position: int, asked_after: list[str] | None = None) -> Question:
    options = [Option(key=f"{key}/yes", label="はい"), Option(key=f"{key}/no", label="いいえ")]
    return Question(key=key, text=key, kind="one", options=options, position=position, asked_after=asked_after or [])


OUTLINE = Outline(
    edition=1,
    life_events={"birth": LifeEvent(key="birth", name="出生")},
    questions={
        one.key: one
        for one in (
            _question("a-late", 30),
            _question("b-child", 0, ["c-parent/yes"]),
            _question("c-parent", 20),
            _question("d-first", 10),
        )
    },
)


def _query(*questions: str) -> Query:
    return Query(("birth",), tuple(Answer(key, (f"{key}/yes",)) for key in sorted(questions)))


def test_a_follow_up_comes_after_its_question_and_before_later_stages() -> None:
    query = _query("a-late", "b-child", "c-parent", "d-first")
    assert order(query, OUTLINE) == ["d-first", "c-parent", "b-child", "a-late"]


def test_back_from_a_new_question_asks_the_last_one_again() -> None:
    assert back_address(_query("d-first", "c-parent"), OUTLINE, asked="a-late").endswith("&ask=c-parent")


def test_back_from_a_question_that_is_asked_again_goes_further_back() -> None:
    assert back_address(_query("d-first", "c-parent"), OUTLINE, asked="c-parent").endswith("&ask=d-first")


def test_back_from_the_first_question_leads_home_with_all_that_was_said() -> None:
    assert back_address(_query(), OUTLINE, asked="d-first") == "/?event=birth"
    assert back_address(_query("d-first"), OUTLINE, asked="d-first") == "/?event=birth&a=d-first:yes"
