"""The modules of `service/`: the floor of each, and its source, for the tests that read both."""

from __future__ import annotations

import ast
from dataclasses import dataclass, field
from functools import cache

from service.settings import ROOT

FLOORS = {
    0: ("caches", "children", "clock", "errors", "kana", "models", "passages", "settings"),
    1: (
        "actors", "answers", "canonical", "cards", "claims", "codes", "deadlines", "findings", "guards", "jars", "java",
        "labels", "outcomes", "pages", "queries", "reading",
    ),
    2: (
        "announcements", "assets", "calendars", "changes", "diagrams", "faults", "graph", "ordering", "patches",
        "phrases", "requests", "subgraph",
    ),
    3: (
        "access", "catalogue", "comparison", "consistency", "editions", "guidance", "history", "jvm", "keys", "merging",
        "municipality", "references", "states", "submissions", "vault", "wording",
    ),
    4: (
        "building", "citizen_pages", "classdata", "content", "differences", "effects", "entrance", "journeys",
        "previews", "reception", "releases", "schema", "search",
    ),
    5: (
        "announcement_pages", "api_models", "archives", "catalogue_pages", "conflicts", "edits", "embedded",
        "interview", "interview_pages", "item_texts", "narration", "previewing", "proofs", "result_pages", "results",
        "scenarios", "staff_pages", "why_pages",
    ),
    6: ("checks", "drafts", "reviews"),
    7: ("kept_findings", "publishing", "staff_models", "visits"),
    8: (
        "desk", "doctor", "edition_pages", "history_pages", "importing", "item_pages", "proof_pages", "publish_pages",
        "review_pages", "terminal",
    ),
    9: (
        "commands", "routes.access", "routes.announcements", "routes.api", "routes.citizen", "routes.drafting",
        "routes.editing", "routes.editions", "routes.operations", "routes.previews", "routes.review",
    ),
    10: ("app", "server"),
    11: ("__main__", "worker"),
}  # fmt: skip
"""Which floor every module stands on: it imports from lower floors only. README prints the same."""


@dataclass(frozen=True, slots=True)
class Source:
    """A module of `service/`: its name without the package, its text and its tree."""

    name: str
    text: str = field(repr=False)
    tree: ast.Module = field(repr=False)


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
