"""The pages of editions as plain data: the overview, all editions, one edition, and what can be done with it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Literal

from service.analysis import impact
from service.analysis.findings import Finding
from service.analysis.impact import Effect
from service.content import registry
from service.content.models import Content, Edition
from service.diff_text import differences
from service.diff_text import history as history_text
from service.diff_text.history import Told
from service.editions import conflicts, findings, history, preview_links
from service.editions.conflicts import Sides
from service.editions.drafts import InConflict
from service.editions.merging import Side
from service.editions.reviews import Review
from service.errors import GuideError, Refused
from service.store import editions
from service.web.staff.context import EditionPage, FormPage, Standing, Visit, about, household_address, standing

RECENT = 8
MOST_DRAFTS = 12
AT_ONCE = 50
LOOKED_BACK = 60
MOST_SENTENCES = 30
PATIENCE_SECONDS = 1.2

PROVED: tuple[Standing, ...] = ("draft", "waiting", "live")
"""Editions whose findings somebody can still act upon: their page looks for them unasked."""

Act = Literal["discard", "withdraw", "rollback", "archive", "bring_back"]
ACTS_OF: Mapping[Standing, tuple[Act, ...]] = {
    "draft": ("discard",),
    "live": (),
    "waiting": ("withdraw",),
    "past": ("rollback", "archive"),
    "withdrawn": ("archive",),
    "discarded": ("archive",),
}
"""What can be done with an edition beside forking and comparing it."""


@dataclass(frozen=True, slots=True)
class Counts:
    """How many findings of each severity an edition has, and how many of its scenarios are not as they should be."""

    blocking: int
    warnings: int
    hints: int
    red: int

    @property
    def total(self) -> int:
        """All findings, the hints not counted."""
        return self.blocking + self.warnings


def counts(found: Sequence[Finding]) -> Counts:
    """The findings counted."""
    severities = [one.severity for one in found]
    return Counts(
        severities.count("blocking"),
        severities.count("warning"),
        severities.count("hint"),
        sum(one.code == findings.FAILS for one in found),
    )


@dataclass(frozen=True, slots=True)
class Row:
    """An edition in a list, with what it is at this moment and who made it (or made it public)."""

    edition: Edition
    standing: Standing
    who: str


@dataclass(frozen=True, slots=True)
class DraftRow:
    """An open draft on the overview; `found` is None as long as its findings are being looked for."""

    edition: Edition
    changes: str
    found: Counts | None
    people: tuple[str, ...]
    last: Told | None
    is_behind: bool


@dataclass(frozen=True, kw_only=True)
class OverviewPage(FormPage):
    """What is live, what is scheduled, the open drafts, what was done last."""

    template: ClassVar[str] = "staff/overview.html"
    current: ClassVar[str] = "overview"

    live: Row | None
    content: tuple[tuple[str, int], ...]
    scheduled: Sequence[Edition]
    drafts: Sequence[DraftRow]
    more_drafts: int
    recent: Sequence[Told]


@dataclass(frozen=True, kw_only=True)
class EditionsPage(FormPage):
    """Every edition, from `start` on as many as fit, and a form to compare any two of the `choices`.

    `due` are those that may leave the graph.
    """

    template: ClassVar[str] = "staff/editions.html"
    current: ClassVar[str] = "editions"

    rows: Sequence[Row]
    choices: Sequence[Row]
    due: Sequence[Edition]
    count: int
    start: int
    at_once: int
    old: int
    new: int


@dataclass(frozen=True, kw_only=True)
class NewDraftPage(FormPage):
    """The form for a new draft: what it is called, and which edition it is a copy of."""

    template: ClassVar[str] = "staff/new_draft.html"
    current: ClassVar[str] = "editions"

    rows: Sequence[Row]
    of: int | None
    title: str = ""


@dataclass(frozen=True, kw_only=True)
class OneEditionPage(EditionPage):
    """One edition: what it changes, what stands against it, what was done with it, what can be done.

    `review` compares it with its base; it is None without one, and for archived editions.
    """

    template: ClassVar[str] = "staff/edition.html"

    review: Review | None
    sentences: Sequence[str]
    effects: Sequence[Effect]
    found: Counts | None
    people: Sequence[str]
    recent: Sequence[Told]
    acts: Sequence[Act]
    is_previewed: bool


@dataclass(frozen=True, kw_only=True)
class ActPage(EditionPage):
    """Asks before something is done with an edition: what it means, and why it is done.

    `sides` are in conflict with the scheduled edition `against`; `decided` is what was decided of others before.
    """

    template: ClassVar[str] = "staff/act.html"

    act: Act
    note: str
    changes: str
    effects: Sequence[Effect]
    sides: Sequence[Sides]
    decided: Mapping[str, Side]
    against: Edition | None


async def overview(visit: Visit, *, refusal: GuideError | None = None) -> OverviewPage:
    """The page that staff begin with."""
    reads = visit.graph.latest
    live, around = await editions.live(reads), await visit.around()
    every = await editions.drafts(reads)
    drafts = every[:MOST_DRAFTS]
    found = await findings.soon(visit.graph, drafts, seconds=PATIENCE_SECONDS)
    rows = [await _draft(visit, one, live=live, found=found[one.number], around=around) for one in drafts]
    recent = await history.page(reads, history.Filter(), most=RECENT)
    return OverviewPage(
        **visit.frame,
        refusal=refusal,
        live=_row(live, live, around) if live else None,
        content=_sizes((await visit.reviewer.content(live))[0]) if live else (),
        scheduled=await editions.waiting(reads),
        drafts=rows,
        more_drafts=len(every) - len(drafts),
        recent=[history_text.told(one, around) for one in recent],
    )


def _sizes(content: Content) -> tuple[tuple[str, int], ...]:
    """How many items of each kind there are."""
    return tuple((kind.name, len(getattr(content, name))) for name, kind in registry.current().lists.items())


async def _draft(
    visit: Visit,
    draft: Edition,
    *,
    live: Edition | None,
    found: findings.Found | None,
    around: history_text.Around,
) -> DraftRow:
    last, people = await _done(visit, draft.number, around=around, most=1)
    try:
        review = await visit.reviewer.review(draft.base, draft.number) if draft.base else None
    except Refused:  # somebody saves it at this moment: the other drafts are to be seen all the same
        review = None
    return DraftRow(
        edition=draft,
        changes=differences.summary(review.content) if review else "",
        found=counts(found) if found is not None else None,
        people=people,
        last=last[0] if last else None,
        is_behind=live is not None and draft.base != live.number,
    )


async def _done(
    visit: Visit, number: int, *, around: history_text.Around, most: int
) -> tuple[list[Told], tuple[str, ...]]:
    """The last things that were done with an edition, told, and everybody who did something lately."""
    changes = await history.page(visit.graph.latest, history.Filter(edition=number), most=LOOKED_BACK)
    people = dict.fromkeys(history_text.person(one.get("by"), around.people) for one in changes)
    return [history_text.told(one, around) for one in changes[:most]], tuple(people)


def _row(edition: Edition, live: Edition | None, around: history_text.Around) -> Row:
    who = edition.published_by if edition.state == "published" else edition.created_by
    return Row(edition, standing(edition, live), history_text.person(who, around.people))


async def _rows(visit: Visit) -> list[Row]:
    live, around = await editions.live(visit.graph.latest), await visit.around()
    return [_row(one, live, around) for one in await editions.shown(visit.graph.latest)]


async def all_editions(
    visit: Visit, *, start: int = 0, done: str = "", refusal: GuideError | None = None
) -> EditionsPage:
    """Every edition, the newest first; the form compares the live one with the newest draft, if there is one."""
    rows = await _rows(visit)
    live = next((row.edition.number for row in rows if row.standing == "live"), 0)
    drafts = [row.edition.number for row in rows if row.standing == "draft"]
    past = [row.edition.number for row in rows if row.standing == "past"]
    old, new = (live, drafts[0]) if drafts else (past[0] if past else live, live)
    start = start if 0 <= start < len(rows) else 0
    return EditionsPage(
        **visit.frame,
        done=done,
        refusal=refusal,
        rows=rows[start : start + AT_ONCE],
        choices=_choices(rows),
        due=await visit.service.due(),
        count=len(rows),
        start=start,
        at_once=AT_ONCE,
        old=old,
        new=new,
    )


def _choices(rows: Sequence[Row]) -> list[Row]:
    """What is offered in lists of choices: all but the archived ones, which have pages of their own."""
    return [row for row in rows if not row.edition.archived]


async def new_draft(
    visit: Visit, *, of: int | None, title: str = "", refusal: GuideError | None = None
) -> NewDraftPage:
    """The form for a new draft, with what was typed."""
    rows = await _rows(visit)
    live = next((row.edition.number for row in rows if row.standing == "live"), None)
    chosen = [row for row in rows if not row.edition.archived or row.edition.number == of]
    return NewDraftPage(**visit.frame, refusal=refusal, rows=chosen, of=of or live, title=title)


async def one_edition(
    visit: Visit, number: int, *, done: str = "", refusal: GuideError | None = None
) -> OneEditionPage:
    """The page of an edition. Errors: NotFound."""
    fields = await about(visit, number)
    edition: Edition = fields["edition"]
    around = await visit.around()
    recent, people = await _done(visit, number, around=around, most=RECENT)
    review = await visit.reviewer.review(edition.base, number) if edition.base and not edition.archived else None
    told = [edition] if fields["standing"] in PROVED and not edition.archived else []
    kept = await findings.soon(visit.graph, told, seconds=PATIENCE_SECONDS)
    found = kept.get(number)
    return OneEditionPage(
        **fields,
        done=done,
        refusal=refusal,
        review=review,
        sentences=[one.sentence for one in review.content[:MOST_SENTENCES]] if review else [],
        effects=await _effects(visit, review),
        found=counts(found) if found is not None else None,
        people=people,
        recent=recent,
        acts=_acts(edition, fields["standing"]),
        is_previewed=preview_links.is_previewed(edition),
    )


def _acts(edition: Edition, state: Standing) -> tuple[Act, ...]:
    """An archived edition can be brought back, and then all else again; rolling back to it needs no bringing back."""
    if not edition.archived:
        return ACTS_OF[state]
    return ("rollback", "bring_back") if state == "past" else ("bring_back",)


async def _effects(visit: Visit, review: Review | None) -> Sequence[Effect]:
    if review is None:
        return ()
    called = differences.names(*[(await visit.reviewer.content(one))[1] for one in (review.old, review.new)])
    return impact.effects(review.residents, called, household_address)


async def act(
    visit: Visit,
    number: int,
    *,
    act: Act,
    note: str = "",
    chosen: Mapping[str, Side] | None = None,
    refusal: GuideError | None = None,
) -> ActPage | None:
    """The page that asks first; None where that cannot be done with this edition (any more)."""
    fields = await about(visit, number)
    if refusal is None and act not in _acts(fields["edition"], fields["standing"]):
        return None
    old, new = _compared(fields, act)
    review = await visit.reviewer.review(old, new) if old and new else None
    conflict = refusal if isinstance(refusal, InConflict) else None
    called = differences.names((await visit.reviewer.content(fields["edition"]))[1]) if conflict else {}
    sides = (
        conflicts.sides(conflict.conflicts, names=called, chosen=chosen, scheduled=conflict.number) if conflict else ()
    )
    return ActPage(
        **fields,
        refusal=refusal,
        act=act,
        note=note,
        changes=differences.summary(review.content) if review else "",
        effects=await _effects(visit, review),
        sides=sides,
        decided=conflicts.elsewhere(chosen, sides),
        against=await editions.numbered(visit.graph.latest, conflict.number) if conflict else None,
    )


def _compared(fields: Mapping[str, Any], act: Act) -> tuple[int | None, int | None]:
    """Which two editions tell what an act means, if two do: what is given up, or what residents will find."""
    edition, live = fields["edition"], fields["live"]
    if act == "rollback":
        return (live.number if live else None), edition.number
    return (edition.base, edition.number) if act in {"discard", "withdraw"} else (None, None)
