"""What the staff's API and commands read and answer: editions, findings, reviews, history, in one form for both."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import Field

from service.analysis import comparison
from service.analysis.checks import Finding
from service.content.models import Answer, Edition
from service.content.patches import Patch
from service.diff_text import differences
from service.diff_text import history as history_text
from service.diff_text.outcomes import Outcome
from service.editions import reviews
from service.editions.edits import Saved
from service.guidance.responses import Asked, Told

Household = list[dict[str, Any]]


class NewDraft(Asked):
    """A copy of an edition to work on; of the live one without `of`."""

    title: Annotated[str, Field(min_length=1, max_length=200)]
    of: Annotated[int, Field(ge=1, lt=2**53)] | None = None


class ItemChange(Asked):
    """One save: items as in the content document, keys to remove, and the revision that each was read at."""

    put: dict[str, list[dict[str, Any]]] = Field(default_factory=dict)
    remove: list[str] = Field(default_factory=list)
    revisions: dict[str, int] = Field(default_factory=dict)
    detach: bool = False
    note: str | None = None


class Reverting(Asked):
    """Take back the change `seq`; with `key`, put that item back as it was after it."""

    seq: Annotated[int, Field(ge=1, lt=2**53)]
    key: str | None = None
    detach: bool = False
    note: str | None = None


class Merging(Asked):
    """Bring in what was published; `decided` says for items in conflict whose side counts.

    `revision` is that of the draft on which the conflicts were looked at: what changed since is refused.
    """

    revision: Annotated[int, Field(ge=0, lt=2**53)] | None = None
    onto: Annotated[int, Field(ge=1, lt=2**53)] | None = None
    decided: dict[str, Literal["mine", "theirs"]] = Field(default_factory=dict)
    note: str | None = None


class Publication(Asked):
    """`seen` is the hash of the draft whose comparison was looked at; `at` a moment with its offset, now without.

    `decided` says for items in conflict with a scheduled edition whose side counts there: by key for the first edition
    in conflict, by `N/KEY` for edition N.
    """

    seen: str | None = None
    at: Annotated[datetime, Field(strict=False)] | None = None
    note: str | None = None
    decided: dict[str, Literal["mine", "theirs"]] = Field(default_factory=dict)


class Reason(Asked):
    """Why; the history keeps it. `decided` as in `Publication`, for what stands against a scheduled edition."""

    note: str | None = None
    decided: dict[str, Literal["mine", "theirs"]] = Field(default_factory=dict)


class ToldEdition(Told):
    """An edition as staff see it. `live` and `waiting` are derived from `state`, `scheduled` and the clock."""

    number: int
    title: str
    state: str
    live: bool
    waiting: bool
    scheduled: bool
    archived: bool
    base: int | None
    revision: int
    hash: str | None
    created_at: datetime
    created_by: str
    published_at: datetime | None
    published_by: str | None


class ToldFinding(Told):
    """One finding; `witness` are the answers of a household that shows it."""

    code: str
    severity: str
    keys: list[str]
    sentence: str
    advice: str
    event: str | None
    witness: Household | None


class ToldDifference(Told):
    """What is different in one item, in sentences."""

    kind: str
    key: str
    name: str
    change: str
    sentence: str
    fields: list[str]


class ToldChange(Told):
    """A procedure or one of its documents, and what households read of it before and after."""

    procedure: str
    document: str | None
    before: str
    after: str
    effect: str


class ToldGroup(Told):
    """Changes that come together, by how many answer patterns (no shares of people), and one household."""

    changes: list[ToldChange]
    patterns: int
    old_answers: Household
    new_answers: Household


class ToldEvent(Told):
    """One life event compared over all its answer patterns; `not_decided` says why nothing is known."""

    life_events: list[str]
    presence: str
    patterns: int
    changed: int
    without_counterpart: int
    outcomes: list[ToldGroup] | None
    causes: list[ToldGroup]
    not_decided: str | None


class ToldReview(Told):
    """Two editions side by side; `seen` is what publishing asks for."""

    old: ToldEdition
    new: ToldEdition
    seen: str | None
    same_for_residents: bool
    decided: bool
    content: list[ToldDifference]
    life_events: list[ToldEvent]
    scenarios: list[str]


class ToldEntry(Told):
    """One change of the history."""

    seq: int
    edition: int
    action: str
    at: datetime
    by: str
    sentence: str
    note: str | None
    hash: str
    differences: list[ToldDifference]


class ToldSave(Told):
    """What a write to a draft did; `seq` is its place in the history, null where nothing changed."""

    edition: ToldEdition
    seq: int | None
    changed: list[str]
    removed: list[str]


class ToldScenario(Told):
    """A scenario of an edition; `problems` say what differs and why, none where it is green."""

    key: str
    name: str
    green: bool
    problems: list[str]


def edition(one: Edition, *, live: Edition | None, now: datetime) -> ToldEdition:
    """An edition in words of the API."""
    waiting = one.state == "published" and one.scheduled and one.published_at is not None and one.published_at > now
    return ToldEdition(
        number=one.number,
        title=one.title,
        state=one.state,
        live=live is not None and live.number == one.number,
        waiting=waiting,
        scheduled=one.scheduled,
        archived=one.archived,
        base=one.base,
        revision=one.revision,
        hash=one.content_hash,
        created_at=one.created_at,
        created_by=one.created_by,
        published_at=one.published_at,
        published_by=one.published_by,
    )


def household(answers: tuple[Answer, ...]) -> Household:
    """Answers in the form that the API reads."""
    return [
        {"question": one.question, "unsure": True}
        if one.unsure
        else {"question": one.question, "options": list(one.options)}
        for one in answers
    ]


def finding(one: Finding) -> ToldFinding:
    """A finding in words of the API."""
    witness = household(one.witness) if one.witness is not None else None
    return ToldFinding(
        code=one.code,
        severity=one.severity,
        keys=list(one.keys),
        sentence=one.sentence,
        advice=one.advice,
        event=one.event,
        witness=witness,
    )


def difference(one: differences.ItemDifference) -> ToldDifference:
    """What happened to an item in words of the API."""
    return ToldDifference(
        kind=one.kind.value,
        key=one.key,
        name=one.name,
        change=one.change,
        sentence=one.sentence,
        fields=[field.sentence for field in one.fields],
    )


def _group(one: comparison.Group) -> ToldGroup:
    changes = [
        ToldChange(
            procedure=change.procedure,
            document=change.document,
            before=change.before,
            after=change.after,
            effect=change.effect,
        )
        for change in one.changes
    ]
    return ToldGroup(
        changes=changes,
        patterns=one.count,
        old_answers=household(one.example.old),
        new_answers=household(one.example.new),
    )


def _event(one: comparison.EventComparison) -> ToldEvent:
    return ToldEvent(
        life_events=list(one.events),
        presence=one.presence,
        patterns=one.households,
        changed=one.changed,
        without_counterpart=one.apart_count,
        outcomes=[_group(group) for group in one.outcomes] if one.outcomes is not None else None,
        causes=[_group(group) for group in one.causes],
        not_decided=one.not_decided.why if one.not_decided else None,
    )


def review(one: reviews.Review, *, live: Edition | None, now: datetime) -> ToldReview:
    """Two editions compared in words of the API."""
    return ToldReview(
        old=edition(one.old, live=live, now=now),
        new=edition(one.new, live=live, now=now),
        seen=one.new.content_hash,
        same_for_residents=one.residents.same,
        decided=one.residents.decided,
        content=[difference(item) for item in one.content],
        life_events=[_event(event) for event in one.residents.events],
        scenarios=[change.scenario for change in one.residents.scenarios],
    )


def entry(change: dict[str, Any], around: history_text.Around) -> ToldEntry:
    """A change of the history in words of the API."""
    told = history_text.told(change, around)
    return ToldEntry(
        seq=told.seq,
        edition=told.edition,
        action=told.action,
        at=told.at,
        by=change["by"],
        sentence=told.sentence,
        note=told.note,
        hash=change["hash"],
        differences=[difference(one) for one in told.differences],
    )


def save(one: Saved, *, live: Edition | None, now: datetime) -> ToldSave:
    """What a write did in words of the API."""
    return ToldSave(
        edition=edition(one.edition, live=live, now=now),
        seq=one.seq,
        changed=sorted(one.patch.after),
        removed=_removed(one.patch),
    )


def _removed(patch: Patch) -> list[str]:
    return sorted(set(patch.before) - set(patch.after))


def scenario(one: Outcome) -> ToldScenario:
    """A scenario's outcome in words of the API."""
    problems = ["".join([found.sentence, *found.reasons]) for found in one.deviations]
    return ToldScenario(key=one.key, name=one.name, green=one.green, problems=problems)
