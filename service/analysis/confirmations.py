"""What nobody has confirmed in this city, by the window that can: facts of procedures that rest neither on the law nor
on the city, and windows of which the city has said nothing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from service.analysis.findings import Finding, Saying, told
from service.content.basis import GROUPS, is_fact, is_stated, is_told, to_ask
from service.content.fields import fields_of
from service.content.models import Basis, Content, Procedure

GROUP_NAMES: Final = MappingProxyType({name: entry.label for name, entry in fields_of(Basis).items()})
"""What the groups of facts are called in Japanese."""

NO_FIELD = "分野なし"
"""What the field of procedures is called that have none."""

Place = tuple[str | None, str]
"""A window, or else a field."""

SAYINGS: Mapping[str, Saying] = MappingProxyType(
    {
        "unconfirmed_at_window": Saying(
            "hint",
            "{item}{procedures}に、まだ確かめていないことがあります（{what}）。",
            "窓口で確かめ、違うところを直してから、「確かめる」のページで確認済みにしてください。",
        ),
        "unconfirmed_without_window": Saying(
            "hint",
            "分野「{field}」の手続き{count}件に、まだ確かめていないことがあり（{what}）、窓口もありません（{all}）。",
            "窓口を選び、そこで確かめてから、「確かめる」のページで確認済みにしてください。",
        ),
        "unsaid_at_window": Saying(
            "hint",
            "{item}で扱う手続き{count}件に、まだ書いていないことがあります（{what}）。",
            "窓口で確かめて、手続きの項目に書いてください。書くまで、住民には「窓口で確かめること」と出ます。",
        ),
        "unsaid_without_window": Saying(
            "hint",
            "分野「{field}」の手続き{count}件に、まだ書いていないことがあります（{what}）。",
            "窓口を加えて手続きに結び、そこで確かめて書いてください。書くまで、住民には「窓口で確かめること」と出ます。",
        ),
    }
)


@dataclass(frozen=True, slots=True)
class ToConfirm:
    """What one window has to confirm: of each procedure the groups of facts, and whether the window itself is.

    `unsaid` are the groups of which nothing is said and that residents are told to ask about, by procedure. `window`
    None: procedures of a `field` that have none.
    """

    window: str | None
    field: str
    procedures: Mapping[str, tuple[str, ...]]
    unsaid: Mapping[str, tuple[str, ...]]
    itself: bool = False


def unconfirmed(content: Content) -> list[ToConfirm]:
    """What is unconfirmed or not said, by the usual window of each procedure in the order of the keys.

    What has no window comes last, field by field.
    """
    papers = papers_of(content)
    documents_without_basis = {document.key for document in content.documents if not is_told(document)}
    unconfirmed_windows = {window.key for window in content.windows if window.basis not in {"law", "city"}}
    stated: dict[Place, dict[str, tuple[str, ...]]] = {(window, ""): {} for window in unconfirmed_windows}
    unsaid: dict[Place, dict[str, tuple[str, ...]]] = {}
    for procedure in content.procedures:
        needed_documents = papers[procedure.key]
        groups = tuple(
            _open_groups(
                procedure,
                has_papers=bool(needed_documents),
                papers_open=not documents_without_basis.isdisjoint(needed_documents),
            )
        )
        unsaid_groups = tuple(group for group in to_ask(procedure) if group not in groups)
        place = (procedure.handled_at[0], "") if procedure.handled_at else (None, procedure.field or NO_FIELD)
        if groups:
            stated.setdefault(place, {})[procedure.key] = groups
        if unsaid_groups:
            unsaid.setdefault(place, {})[procedure.key] = unsaid_groups
    places = sorted({*stated, *unsaid}, key=lambda place: (place[0] is None, place[0] or "", place[1]))
    return [
        ToConfirm(
            window,
            field,
            stated.get((window, field), {}),
            unsaid.get((window, field), {}),
            window in unconfirmed_windows,
        )
        for window, field in places
    ]


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
    """What is unconfirmed and what is not said, a finding each for a window, or for a field where there is none.

    `called` are the items with their kind.
    """
    for entry in unconfirmed(content):
        if entry.procedures or entry.itself:
            yield _unconfirmed(entry, called)
        if entry.unsaid:
            code = "unsaid_at_window" if entry.window is not None else "unsaid_without_window"
            keys = [*([] if entry.window is None else [entry.window]), *entry.unsaid]
            row = {"keys": keys, "field": entry.field, "count": len(entry.unsaid), "what": _in_words(entry.unsaid)}
            yield told(code, SAYINGS[code], row=row, called=called)


def _unconfirmed(entry: ToConfirm, called: Mapping[str, str]) -> Finding:
    """What is stated and unconfirmed at a window, or in a field of procedures that have none."""
    count = len(entry.procedures)
    if entry.window is None:
        row = {"keys": [*entry.procedures], "field": entry.field, "count": count, "what": _in_words(entry.procedures)}
        return told("unconfirmed_without_window", SAYINGS["unconfirmed_without_window"], row=row, called=called)
    parts = [_in_words(entry.procedures), "窓口そのもの" if entry.itself else ""]
    what = "、".join(part for part in parts if part)
    procedures = f"で扱う手続き{count}件" if count else ""
    row = {"keys": [entry.window, *entry.procedures], "procedures": procedures, "what": what}
    return told("unconfirmed_at_window", SAYINGS["unconfirmed_at_window"], row=row, called=called)


def _in_words(groups_by_procedure: Mapping[str, tuple[str, ...]]) -> str:
    """What the groups of some procedures are called, each once."""
    there = {group for groups in groups_by_procedure.values() for group in groups}
    return "、".join(GROUP_NAMES[group] for group in GROUPS if group in there)
