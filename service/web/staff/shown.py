"""What residents will see of an item as it was typed: the card of a procedure, or the question with its answers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from markupsafe import Markup

from service import clock
from service.content.models import Content, Document, Law, Listed, NeededDocument, Procedure, Question, Window
from service.guidance import cards
from service.web import rendering


@dataclass(frozen=True)
class _Items:
    """The items of a content that is no edition yet."""

    content: Content
    number: int = 0

    @cached_property
    def procedures(self) -> Mapping[str, Procedure]:
        return {one.key: one for one in self.content.procedures}

    @cached_property
    def documents(self) -> Mapping[str, Document]:
        return {one.key: one for one in self.content.documents}

    @cached_property
    def windows(self) -> Mapping[str, Window]:
        return {one.key: one for one in self.content.windows}

    @cached_property
    def laws(self) -> Mapping[str, Law]:
        return {one.key: one for one in self.content.laws}

    @cached_property
    def questions(self) -> Mapping[str, Question]:
        return {one.key: one for one in self.content.questions}


def card(content: Content, key: str) -> Markup | None:
    """The card of a procedure, unfolded, with the papers that everybody needs; None for what is no procedure."""
    items = _Items(content)
    procedure = items.procedures.get(key)
    if procedure is None:
        return None
    papers = tuple(NeededDocument(document, "needed") for document in procedure.needs or ())
    made = cards.card(
        Listed(key, "applies", papers), cards.facts(key, items), items=items, counted=None, today=clock.today()
    )
    return Markup(str(rendering.render_part(made)).replace("<details>", "<details open>", 1))


def question(content: Content, key: str) -> Question | None:
    """The question with that key; None for what is none."""
    return _Items(content).questions.get(key)
