"""The way that residents take through the items, as the registry tells it."""

from __future__ import annotations

from service.content import registry
from service.content.flow import flow


def test_no_type_of_edge_leads_both_ways() -> None:
    links = flow()
    assert not set(links.along) & set(links.against)


def test_every_reference_between_drawn_kinds_is_a_link() -> None:
    links = flow().links
    for kind in registry.current().kinds.values():
        for entry in kind.fields.values():
            if entry.reference and entry.reference.edges and kind.about.drawn:
                pairs = {(link.before, link.after) for link in links if link.edge in entry.reference.edges}
                ends = (kind.label, entry.reference.kind)
                assert (ends[::-1] if entry.reference.earlier else ends) in pairs, entry.name


def test_tests_of_the_guide_are_not_on_the_way() -> None:
    kinds = {kind for link in flow().links for kind in (link.before, link.after)}
    assert "Scenario" not in kinds
    assert {"LifeEvent", "Question", "Option", "Condition", "Procedure", "Document", "Window", "Law", "Term"} == kinds


def test_an_answer_leads_to_its_condition_and_that_to_the_procedure() -> None:
    links = flow()
    answer = links.link("REQUIRES", before="Option", after="Condition")
    assert (answer.label, answer.field, answer.held_after) == ("あてはまる答え", "requires", True)
    listed = links.link("SELECTS", before="Condition", after="Procedure")
    assert (listed.label, listed.field, listed.held_after) == ("手続き", "selects", False)
    assert "REQUIRES" in links.against and "SELECTS" in links.along


def test_two_steps_on_from_what_residents_begin_with_and_from_what_holds_answers() -> None:
    links = flow()
    assert [kind for kind in registry.current().kinds if links.steps_on(kind) == 2] == [
        "LifeEvent",
        "Question",
        "Scenario",
    ]
    assert links.is_first("LifeEvent") and not links.is_first("Question")
