"""What nobody has confirmed in this city, by the window that can: facts of procedures that rest neither on the law nor
on the city, and windows of which the city has said nothing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from service.analysis.findings import Finding, Saying, told
from service.content.basis import GROUPS, is_fact, is_stated, is_told
from service.content.fields import fields_of
from service.content.models import Basis, Content, Procedure

GROUP_NAMES: Final = MappingProxyType({name: entry.label for name, entry in fields_of(Basis).items()})
"""What the groups of facts are called in Japanese."""

SAYINGS: Mapping[str, Saying] = MappingProxyType(
    {
        "unconfirmed_at_window": Saying(
            "hint",
            "{item}で扱う手続き{count}件に、市が確かめていないことがあります（{what}）。",
            "窓口で確かめ、違うところを直してから、「確かめる」のページで確認済みにしてください。",
        ),
        "unconfirmed_without_window": Saying(
            "hint",
            "{item}に、市が確かめていないことがあり（{what}）、窓口も決まっていません。",
            "窓口を選び、そこで確かめてから、「確かめる」のページで確認済みにしてください。",
        ),
    }
)


@dataclass(frozen=True, slots=True)
class ToConfirm:
    """What one window has to confirm: of each procedure the groups of facts, and whether the window itself is.

    `window` None: procedures that have none.
    """

    window: str | None
    procedures: Mapping[str, tuple[str, ...]]
    itself: bool = False


def unconfirmed(content: Content) -> list[ToConfirm]:
    """What is unconfirmed, by the usual window of each procedure in the order of the keys, without a window last."""
    papers = papers_of(content)
    documents_without_basis = {document.key for document in content.documents if not is_told(document)}
    by_window: dict[str | None, dict[str, tuple[str, ...]]] = {
        window.key: {} for window in content.windows if window.basis not in {"law", "city"}
    }
    unconfirmed_windows = set(by_window)
    for procedure in content.procedures:
        needed_documents = papers[procedure.key]
        groups = tuple(
            _open_groups(
                procedure,
                has_papers=bool(needed_documents),
                papers_open=not documents_without_basis.isdisjoint(needed_documents),
            )
        )
        if groups:
            window = procedure.handled_at[0] if procedure.handled_at else None
            by_window.setdefault(window, {})[procedure.key] = groups
    entries = [ToConfirm(window, procedures, window in unconfirmed_windows) for window, procedures in by_window.items()]
    return sorted(entries, key=lambda entry: (entry.window is None, entry.window or ""))


def papers_of(content: Content) -> dict[str, set[str]]:
    """The documents that each procedure needs, of everybody or of some."""
    papers = {procedure.key: set(procedure.needs or ()) for procedure in content.procedures}
    for condition in content.conditions:
        for key in condition.selects:
            papers[key].update(condition.needs)
    return papers


def _open_groups(procedure: Procedure, *, has_papers: bool, papers_open: bool) -> Iterator[str]:
    """The groups of which something is said that is no fact in this city yet."""
    for group in GROUPS:
        stated = group == "duty" or (group == "documents" and has_papers) or is_stated(procedure, group)
        if stated and (not is_fact(procedure, group) or (group == "documents" and papers_open)):
            yield group


def findings(content: Content, called: Mapping[str, str]) -> Iterator[Finding]:
    """One finding a window, and one for each procedure without a window; `called` are the items with their kind."""
    for entry in unconfirmed(content):
        groups = [group for group in GROUPS if any(group in open_groups for open_groups in entry.procedures.values())]
        groups_in_words = "、".join(
            [GROUP_NAMES[group] for group in groups] + (["窓口そのもの"] if entry.itself else [])
        )
        if entry.window is not None:
            row = {"keys": [entry.window, *entry.procedures], "count": len(entry.procedures), "what": groups_in_words}
            yield told("unconfirmed_at_window", SAYINGS["unconfirmed_at_window"], row=row, called=called)
            continue
        for key, open_groups in entry.procedures.items():
            row = {"keys": [key], "what": "、".join(GROUP_NAMES[group] for group in open_groups)}
            yield told("unconfirmed_without_window", SAYINGS["unconfirmed_without_window"], row=row, called=called)
