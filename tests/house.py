"""The modules of `service/`: the floor of each, and its source, for the tests that read both."""

from __future__ import annotations

import ast
from dataclasses import dataclass, field
from functools import cache

from service.settings import ROOT

FLOORS = {
    0: ("caches", "clock", "errors", "kana", "machine.children", "models", "settings", "telling.passages"),
    1: (
        "answers",
        "canonical",
        "codes",
        "deadlines",
        "editing.actors",
        "guards",
        "machine.claims",
        "machine.jars",
        "machine.java",
        "pages",
        "queries",
        "reading",
        "telling.findings",
        "telling.labels",
        "telling.outcomes",
        "views.cards",
    ),
    2: (
        "assets",
        "calendars",
        "changes",
        "editing.patches",
        "faults",
        "graph",
        "ordering",
        "proving.diagrams",
        "requests",
        "subgraph",
        "telling.announcements",
        "telling.phrases",
    ),
    3: (
        "access",
        "catalogue",
        "consistency",
        "editing.history",
        "editing.keys",
        "editing.merging",
        "editing.references",
        "editing.vault",
        "editions",
        "guidance",
        "machine.jvm",
        "municipality",
        "proving.comparison",
        "proving.states",
        "submissions",
        "telling.wording",
    ),
    4: (
        "content",
        "editing.building",
        "editing.effects",
        "editing.releases",
        "entrance",
        "machine.classdata",
        "previews",
        "proving.journeys",
        "reception",
        "schema",
        "search",
        "telling.differences",
        "views.citizen_pages",
    ),
    5: (
        "api_models",
        "editing.archives",
        "editing.conflicts",
        "editing.edits",
        "editing.scenarios",
        "interview",
        "machine.embedded",
        "previewing",
        "proving.proofs",
        "telling.item_texts",
        "telling.narration",
        "views.announcement_pages",
        "views.catalogue_pages",
        "views.interview_pages",
        "views.result_pages",
        "views.results",
        "views.staff_pages",
        "views.why_pages",
    ),
    6: ("editing.checks", "editing.drafts", "editing.reviews"),
    7: ("editing.kept_findings", "editing.publishing", "editing.staff_models", "views.visits"),
    8: (
        "editing.desk",
        "editing.importing",
        "machine.doctor",
        "terminal",
        "views.edition_pages",
        "views.history_pages",
        "views.item_pages",
        "views.proof_pages",
        "views.publish_pages",
        "views.review_pages",
    ),
    9: (
        "commands",
        "routes.access",
        "routes.announcements",
        "routes.api",
        "routes.citizen",
        "routes.drafting",
        "routes.editing",
        "routes.editions",
        "routes.operations",
        "routes.previews",
        "routes.review",
    ),
    10: ("app", "machine.server"),
    11: ("__main__", "worker"),
}
"""Which floor every module stands on: it imports from lower floors only. README prints the same."""


@dataclass(frozen=True, slots=True)
class Source:
    """A module of `service/`: its name without the package, its text and its tree."""

    name: str
    text: str = field(repr=False)
    tree: ast.Module = field(repr=False)

    @property
    def noun(self) -> str:
        """The name without its room."""
        return self.name.rpartition(".")[2]


@cache
def sources() -> tuple[Source, ...]:
    """Every module of `service/`; packages without code of their own are left out."""
    found = []
    for file in sorted((ROOT / "service").rglob("*.py")):
        text = file.read_text(encoding="utf-8")
        tree = ast.parse(text)
        if file.name == "__init__.py":
            assert len(tree.body) == 1 and ast.get_docstring(tree), f"{file}: a package says only what it is"
            continue
        name = ".".join(file.relative_to(ROOT / "service").with_suffix("").parts)
        found.append(Source(name, text, tree))
    return tuple(found)
