"""All interviews of small contents by brute force, and the smallest contents that show something."""

from __future__ import annotations

from typing import Any

from service.content.models import Answer, Content
from tests.evaluation import evaluate, question_of
from tests.households import Answers, households, looked_at


class Asking:
    """Every household asked what the plain evaluation asks, until the result is final."""

    def __init__(self, content: Content, events: list[str]) -> None:
        self.content = content
        self.events = events
        self.everybody = [
            {one.question: one for one in said} for said in households(content, looked_at(content, events))
        ]
        self.next: dict[Answers, str | None] = {}
        self.courses = [self.course(household) for household in self.everybody]

    def course(self, household: dict[str, Answer]) -> Answers:
        """What the household is asked, with its answers, in order."""
        said: Answers = ()
        while (question := self.question(said)) is not None:
            said = (*said, household[question])
        return said

    def question(self, said: Answers) -> str | None:
        if said not in self.next:
            self.next[said] = evaluate(self.content, self.events, said).next_question
        return self.next[said]

    def result(self, household: dict[str, Answer]) -> frozenset[tuple[str, tuple[str, ...]]]:
        """What is listed for the household, with what is needed."""
        listed = evaluate(self.content, self.events, household.values()).procedures
        return frozenset((key, tuple(one.documents)) for key, one in listed.items())

    def idle(self) -> dict[str, list[Answers]]:
        """The prefixes of interviews after which the answer to the question asked cannot change the result."""
        results = [self.result(household) for household in self.everybody]
        found: dict[str, list[Answers]] = {}
        for said in {course[:length] for course in self.courses for length in range(len(course))}:
            question = self.question(said)
            assert question is not None
            free = below(self.content, question) - {one.question for one in said}
            kinds: dict[frozenset[Answer], set[frozenset[Any]]] = {}
            for household, result in zip(self.everybody, results, strict=True):
                if all(household.get(one.question) == one for one in said):
                    others = frozenset(one for key, one in household.items() if key not in free)
                    kinds.setdefault(others, set()).add(result)
            if all(len(ends) == 1 for ends in kinds.values()):
                found.setdefault(question, []).append(said)
        return found


def below(content: Content, question: str) -> set[str]:
    """The question and all that follow it."""
    found = {question}
    while (
        more := {one.key for one in content.questions if found & {question_of(option) for option in one.asked_after}}
        - found
    ):
        found |= more
    return found


def yes_no(key: str, **more: Any) -> dict[str, Any]:
    """A question with the options yes and no."""
    options = [{"key": f"{key}/{own}", "label": own} for own in ("yes", "no")]
    return {"key": key, "text": key, "kind": "one", "options": options} | more


def ruled(questions: list[dict[str, Any]], *requires: list[list[str]]) -> Content:
    """Rows that each select a procedure of their own, under one life event."""
    numbers = range(len(requires))
    rows = [
        {"key": f"c{n}", "label": "c", "life_events": ["e"], "requires": requires[n], "selects": [f"p{n}"]}
        for n in numbers
    ]
    procedures = [{"key": f"p{n}", "name": "p"} for n in numbers]
    events = [{"key": "e", "name": "e"}]
    document = {"life_events": events, "questions": questions, "conditions": rows, "procedures": procedures}
    return Content.model_validate({"format": 2} | document)
