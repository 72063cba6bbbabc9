"""What the staff's API and commands answer: the domain's own objects, read by attribute into one form for both."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Annotated, Any, Literal, TypeVar

from pydantic import AliasPath, BeforeValidator, ConfigDict, Field

from service import clock
from service.analysis import comparison
from service.analysis.findings import Finding
from service.analysis.interview_paths import Moved
from service.content import patches
from service.content.models import Answer, Edition
from service.content.patches import Item
from service.diff_text.differences import FieldDifference
from service.diff_text.history import ChangeText
from service.diff_text.outcomes import Deviation, Outcome
from service.editions.audit import Verification
from service.editions.confirming import WindowToConfirm
from service.editions.edits import Saved
from service.editions.importing import Imported
from service.editions.interviews import Interviews
from service.editions.layering import Layers
from service.editions.merge_preview import MergePreview
from service.editions.preview_links import Link
from service.editions.publishing import Readiness
from service.editions.reviews import Review
from service.editions.scenarios import KeptScenario
from service.editions.trials import Trial
from service.editions.updating import UpdatePreview
from service.guidance import responses as guidance_responses
from service.store import editions
from service.store.graph import Reads

Response = TypeVar("Response", bound="FromDomain")


def household(answers: Sequence[Answer] | None) -> list[dict[str, Any]] | None:
    """Answers in the form that the API reads."""
    if answers is None:
        return None
    return [
        {"question": answer.question, "unsure": True}
        if answer.unsure
        else {"question": answer.question, "options": list(answer.options)}
        for answer in answers
    ]


def _sentences(fields: Sequence[FieldDifference]) -> list[str]:
    return [field.sentence for field in fields]


def _problems(deviations: Sequence[Deviation]) -> list[str]:
    return ["".join([deviation.sentence, *deviation.reasons]) for deviation in deviations]


def _why(not_decided: Any) -> str | None:
    return str(not_decided.why) if not_decided else None


def _fields(item: Item | None) -> dict[str, Any] | None:
    return item.fields if item else None


Household = Annotated[list[dict[str, Any]], BeforeValidator(household)]
ItemFields = Annotated[dict[str, Any] | None, BeforeValidator(_fields)]


class FromDomain(guidance_responses.ResponseBody):
    """A response whose fields are the attributes of an object of the domain."""

    model_config = ConfigDict(extra="forbid", frozen=True, from_attributes=True)


class EditionResponse(guidance_responses.ResponseBody):
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


class FindingResponse(FromDomain):
    """One finding; `witness` are the answers of a household that shows it."""

    code: str
    severity: Literal["blocking", "warning", "hint"]
    keys: list[str]
    sentence: str
    advice: str
    event: str | None
    witness: Household | None


class DifferenceResponse(FromDomain):
    """What is different in one item, in sentences."""

    kind: str
    key: str
    name: str
    change: str
    sentence: str
    fields: Annotated[list[str], BeforeValidator(_sentences)]


class GroupResponse(FromDomain):
    """Changes that come together, by how many answer patterns (no shares of people), and one household."""

    changes: list[comparison.Change]
    patterns: int = Field(validation_alias="count")
    old_answers: Household = Field(validation_alias=AliasPath("example", "old"))
    new_answers: Household = Field(validation_alias=AliasPath("example", "new"))


class EventResponse(FromDomain):
    """One life event compared over all its answer patterns; `not_decided` says why nothing is known."""

    life_events: list[str] = Field(validation_alias="events")
    presence: str
    patterns: int = Field(validation_alias="households")
    changed: int
    without_counterpart: int = Field(validation_alias="apart_count")
    outcomes: list[GroupResponse] | None
    causes: list[GroupResponse]
    not_decided: Annotated[str | None, BeforeValidator(_why)]


class ReviewResponse(guidance_responses.ResponseBody):
    """Two editions side by side; `seen` is what publishing asks for."""

    old: EditionResponse
    new: EditionResponse
    seen: str | None
    same_for_residents: bool
    decided: bool
    content: list[DifferenceResponse]
    life_events: list[EventResponse]
    scenarios: list[str]


class TrialResponse(guidance_responses.ResponseBody):
    """What a save would mean for residents, against the live edition (null: there is none, nothing is compared).

    `keys` are those of the items that it would put there. Only life events whose households the items concern are told.
    """

    live: EditionResponse | None
    keys: list[str]
    same_for_residents: bool
    decided: bool
    life_events: list[EventResponse]


class EntryResponse(FromDomain):
    """One change of the history; `decisions` say whose version counts for each item that was in conflict."""

    seq: int
    edition: int
    action: str
    at: datetime
    by: str
    sentence: str
    note: str | None
    hash: str
    differences: list[DifferenceResponse]
    decisions: list[str]


class SaveResponse(guidance_responses.ResponseBody):
    """What a write to a draft did; `seq` is its place in the history, null where nothing changed."""

    edition: EditionResponse
    seq: int | None
    changed: list[str]
    removed: list[str]


class KeptScenarioResponse(SaveResponse):
    """The save that kept a scenario, its key, and what is not in it because the draft does not have it."""

    key: str
    dropped: list[str]
    missing: list[str]


class ScenarioResponse(FromDomain):
    """A scenario of an edition; `problems` say what differs and why, none where it is green."""

    key: str
    name: str
    green: bool
    problems: Annotated[list[str], BeforeValidator(_problems)] = Field(validation_alias="deviations")


class FlawResponse(FromDomain):
    """Something in the store that is not what the history says; `live`: residents are shown it."""

    how: str
    text: str
    seq: int | None
    edition: int | None
    live: bool


class VerificationResponse(FromDomain):
    """Whether the history and every edition are what was written, and how many changes were read."""

    whole: bool
    changes: int
    flaws: list[FlawResponse]


class ReadinessResponse(guidance_responses.ResponseBody):
    """What stands between a draft and its publication at that moment; `seen` is what publishing asks for.

    `before` would be live just before it; it is `behind` if that has to be merged first, and `unchanged` if that says
    the same. `barred`: who asks changed it last, and another person has to publish it. `waiting` are the scheduled
    editions that would carry it over; they may be in conflict with it all the same.
    """

    ready: bool
    draft: EditionResponse
    before: EditionResponse | None
    behind: bool
    unchanged: bool
    barred: bool
    blocking: list[FindingResponse]
    waiting: list[EditionResponse]
    last_editor: str | None
    seen: str | None


class ConflictResponse(FromDomain):
    """An item that both sides touched: as it was, and as either side has it; null where it is not there."""

    key: str
    kind: str
    base: ItemFields
    mine: ItemFields
    theirs: ItemFields


class MergePreviewResponse(guidance_responses.ResponseBody):
    """What merging `target` changes in the draft, and what has to be decided; without a target nothing is to be merged.

    `revision` is what the merge should name, so that it is refused if the draft was changed meanwhile.
    """

    draft: EditionResponse
    target: EditionResponse | None
    revision: int
    content: list[DifferenceResponse]
    conflicts: list[ConflictResponse]


class LawPreviewResponse(guidance_responses.ResponseBody):
    """What an amended law changes in an edition, and what has to be decided; not `is_new`: it has that law already."""

    edition: EditionResponse
    is_new: bool
    content: list[DifferenceResponse]
    conflicts: list[ConflictResponse]


class LayersResponse(guidance_responses.ResponseBody):
    """An edition taken apart: two content documents, of which the second one is a layer over the first."""

    beneath: dict[str, Any]
    own: dict[str, Any]


class JourneysResponse(FromDomain):
    """The interviews about a life event in figures: how many questions they have, over all households (no people).

    `asked` counts the households that are asked each question; `shortest` and `longest` are examples.
    """

    interviews: int
    households: int
    fewest: int
    mean: Annotated[float, BeforeValidator(float)]
    most: int
    asked: dict[str, int]
    shortest: Household
    longest: Household


class IdleResponse(FromDomain):
    """A question that so many households are asked in vain, and the answers after which it is."""

    question: str
    answers: Household
    households: int


class InterviewsResponse(FromDomain):
    """The interviews about a life event; null where it is too large to decide."""

    life_event: str = Field(validation_alias="event")
    figures: JourneysResponse | None = Field(validation_alias="journeys")
    idle: list[IdleResponse] | None


class MoveResponse(FromDomain):
    """A question moved to another position, and the interviews as they are and as they would be then."""

    question: str
    position: int
    before: JourneysResponse
    after: JourneysResponse


class MovesResponse(guidance_responses.ResponseBody):
    """The other places of a question that change the interviews about a life event; null where not decided."""

    life_event: str
    question: str
    moves: list[MoveResponse] | None


class FactResponse(FromDomain):
    """What is said of one thing, in words."""

    label: str
    text: str


class GroupToConfirmResponse(FromDomain):
    """One group of facts of a procedure."""

    group: str
    label: str
    facts: list[FactResponse]


class ProcedureToConfirmResponse(FromDomain):
    """What is unconfirmed of a procedure; `seen` is what its confirmation should name."""

    key: str
    name: str
    groups: list[GroupToConfirmResponse]
    seen: str


class UnsaidResponse(FromDomain):
    """A procedure of which something is still to be written: the groups of facts, in Japanese."""

    key: str
    name: str
    groups: list[str]


class WindowToConfirmResponse(FromDomain):
    """What a window has to confirm, and what is not said of what it handles; `facts` are those of the window itself.

    Without a window (null) it is about the procedures of one field, `name`, that have none.
    """

    window: str | None
    name: str
    phone: str | None
    facts: list[FactResponse]
    procedures: list[ProcedureToConfirmResponse]
    seen: str
    unsaid: list[UnsaidResponse]


class LinkResponse(FromDomain):
    """A link to a preview; `id` names it and does not open anything."""

    id: str
    edition: int
    created_at: datetime
    created_by: str
    expires_at: datetime
    note: str
    revoked_at: datetime | None
    revoked_by: str | None


class NewLinkResponse(guidance_responses.ResponseBody):
    """A new link: the token in its path opens the preview, and cannot be read again."""

    edition: int
    path: str


class ImportResponse(guidance_responses.ResponseBody):
    """What an import did: the edition, whether it is new, and how many items of each list it has."""

    edition: EditionResponse
    created: bool
    counts: dict[str, int]


def listed(model: type[Response], objects: Sequence[object]) -> list[Response]:
    """The objects of the domain, each in that form."""
    return [model.model_validate(each) for each in objects]


async def edition(reads: Reads, edition: Edition) -> EditionResponse:
    """An edition as it is now."""
    (found,) = await several(reads, [edition])
    return found


async def several(reads: Reads, wanted: Sequence[Edition]) -> list[EditionResponse]:
    """Editions as they are now."""
    live, now = await editions.live(reads), clock.now()
    return [_edition(each, live=live, now=now) for each in wanted]


def _edition(edition: Edition, *, live: Edition | None, now: datetime) -> EditionResponse:
    return EditionResponse(
        number=edition.number,
        title=edition.title,
        state=edition.state,
        live=live is not None and live.number == edition.number,
        waiting=edition.waits(now),
        scheduled=edition.scheduled,
        archived=edition.archived,
        base=edition.base,
        revision=edition.revision,
        hash=edition.content_hash,
        created_at=edition.created_at,
        created_by=edition.created_by,
        published_at=edition.published_at,
        published_by=edition.published_by,
    )


async def readiness(reads: Reads, ready: Readiness, *, barred: bool) -> ReadinessResponse:
    """What stands between a draft and its publication."""
    draft, *before = await several(reads, [ready.draft, *([ready.before] if ready.before else [])])
    return ReadinessResponse(
        ready=ready.is_ready and not barred,
        draft=draft,
        before=before[0] if before else None,
        behind=ready.behind,
        unchanged=ready.unchanged,
        barred=barred,
        blocking=listed(FindingResponse, ready.blocking),
        waiting=await several(reads, ready.waiting),
        last_editor=ready.last_editor,
        seen=ready.draft.content_hash,
    )


async def merge_preview(reads: Reads, preview: MergePreview) -> MergePreviewResponse:
    """What a merge would do."""
    return MergePreviewResponse(
        draft=await edition(reads, preview.draft),
        target=await edition(reads, preview.target) if preview.target else None,
        revision=preview.draft.revision,
        content=listed(DifferenceResponse, preview.content),
        conflicts=listed(ConflictResponse, preview.conflicts),
    )


async def law_preview(reads: Reads, preview: UpdatePreview) -> LawPreviewResponse:
    """What an amended law would do."""
    return LawPreviewResponse(
        edition=await edition(reads, preview.edition),
        is_new=preview.is_new,
        content=listed(DifferenceResponse, preview.content),
        conflicts=listed(ConflictResponse, preview.conflicts),
    )


def layers(apart: Layers) -> LayersResponse:
    """An edition taken apart."""
    return LayersResponse(beneath=patches.plain(apart.beneath), own=apart.own)


def moves(event: str, question: str, moved: Sequence[Moved] | None) -> MovesResponse:
    """What other places of a question would change."""
    return MovesResponse(
        life_event=event,
        question=question,
        moves=None if moved is None else listed(MoveResponse, moved),
    )


async def save(reads: Reads, saved: Saved) -> SaveResponse:
    """What a write did."""
    return SaveResponse(
        edition=await edition(reads, saved.edition),
        seq=saved.seq,
        changed=sorted(saved.patch.after),
        removed=sorted(set(saved.patch.before) - set(saved.patch.after)),
    )


async def kept(reads: Reads, scenario: KeptScenario) -> KeptScenarioResponse:
    """The save that kept a scenario."""
    found = await save(reads, scenario.saved)
    return KeptScenarioResponse(
        **dict(found),
        key=scenario.proposal.item.key,
        dropped=[dropped.what for dropped in scenario.proposal.dropped],
        missing=list(scenario.proposal.missing),
    )


async def of(reads: Reads, result: object) -> object:
    """What a function of the service returned, in the form that programs read; what has none as it is."""
    match result:
        case Edition():
            return await edition(reads, result)
        case Saved():
            return await save(reads, result)
        case KeptScenario():
            return await kept(reads, result)
        case Imported():
            return await imported(reads, result)
        case Review():
            return await review(reads, result)
        case list() | tuple() if result and isinstance(result[0], Edition):
            return await several(reads, result)
        case list() | tuple():
            return [_LISTED[type(each)].model_validate(each) for each in result]
        case Link():
            return LinkResponse.model_validate(result)
        case Verification():
            return VerificationResponse.model_validate(result)
        case MergePreview():
            return await merge_preview(reads, result)
        case UpdatePreview():
            return await law_preview(reads, result)
    return result


async def imported(reads: Reads, found: Imported) -> ImportResponse:
    """What an import did."""
    return ImportResponse(edition=await edition(reads, found.edition), created=found.created, counts=found.counts)


async def review(reads: Reads, found: Review) -> ReviewResponse:
    """Two editions compared."""
    old, new = await several(reads, [found.old, found.new])
    return ReviewResponse(
        old=old,
        new=new,
        seen=found.new.content_hash,
        same_for_residents=found.residents.same,
        decided=found.residents.decided,
        content=listed(DifferenceResponse, found.content),
        life_events=listed(EventResponse, found.residents.events),
        scenarios=[change.scenario for change in found.residents.scenarios],
    )


async def trial(reads: Reads, found: Trial) -> TrialResponse:
    """A save that was tried."""
    return TrialResponse(
        live=await edition(reads, found.live) if found.live else None,
        keys=[item.key for item in found.put],
        same_for_residents=found.comparison.same,
        decided=found.comparison.decided,
        life_events=listed(EventResponse, found.comparison.events),
    )


_LISTED: Mapping[type, type[FromDomain]] = {
    Finding: FindingResponse,
    Outcome: ScenarioResponse,
    ChangeText: EntryResponse,
    Link: LinkResponse,
    Interviews: InterviewsResponse,
    WindowToConfirm: WindowToConfirmResponse,
}


def new_link(number: int, token: str) -> NewLinkResponse:
    """A new link; its path stands behind the address of the guide."""
    return NewLinkResponse(edition=number, path=preview_path(number, token))


def preview_path(number: int, token: str) -> str:
    """Where the token of a link opens the preview of an edition."""
    return f"/preview/{number}/enter?token={token}"
