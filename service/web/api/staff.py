"""The staff's API: drafts, checks, comparison, publishing and history, with the same words as the commands."""

from __future__ import annotations

import asyncio
from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import Response
from pydantic import Field, ValidationError

from service.accounts.permissions import Actor, Permission
from service.content.canonical import canonical
from service.content.loading import read_plain
from service.content.models import Content, Edition
from service.editions import history, responses
from service.editions.edits import Saved
from service.editions.requests import (
    AmendedLaw,
    Confirming,
    ItemChange,
    Merging,
    NewContent,
    NewDraft,
    NewPreviewLink,
    NewScenario,
    Publication,
    Reason,
    Reverting,
)
from service.editions.responses import (
    EditionResponse,
    EntryResponse,
    FindingResponse,
    ImportResponse,
    InterviewsResponse,
    KeptScenarioResponse,
    LawPreviewResponse,
    LayersResponse,
    LinkResponse,
    MergePreviewResponse,
    MovesResponse,
    NewLinkResponse,
    ReadinessResponse,
    ReviewResponse,
    SaveResponse,
    ScenarioResponse,
    TrialResponse,
    VerificationResponse,
    WindowToConfirmResponse,
)
from service.guidance.requests import EditionNumber
from service.guidance.responses import Failure
from service.web.api.guidance import invalid
from service.web.application import edition_service
from service.web.staff import auth

_ERRORS: dict[int | str, dict[str, Any]] = {
    403: {"model": Failure, "description": "Signed in, and not allowed to do that"},
    404: {"model": Failure, "description": "No such edition, item or change; also where nobody is signed in"},
    409: {"model": Failure, "description": "Understood and not done; `details` say what stands against it"},
    422: {"model": Failure, "description": "Not understood, or the content would be unsound; every problem is named"},
    503: {"model": Failure, "description": "The database is away"},
}
PREFIX = "/api/v1/staff"
LARGE_PATHS = (f"{PREFIX}/editions", f"{PREFIX}/drafts/update")
"""Where bodies may be large: they are read when it is known who sends them."""

_NEW_CONTENT = {
    "required": True,
    "content": {"application/json": {"schema": NewContent.model_json_schema()}},
}

_AMENDED_LAW = {
    "required": True,
    "content": {"application/json": {"schema": AmendedLaw.model_json_schema()}},
}

_CONTENT: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "A content document in canonical form",
        "content": {"application/json": {"schema": {"type": "object"}}},
    }
}

router = APIRouter(prefix=PREFIX, tags=["staff"], responses=_ERRORS)

Staff = Annotated[Actor, Depends(auth.staff_api)]
Key = Annotated[str, Field(max_length=240)]


async def _edition(request: Request, edition: Edition) -> EditionResponse:
    return await responses.edition(edition_service(request).graph.latest, edition)


async def _save(request: Request, saved: Saved) -> SaveResponse:
    return await responses.save(edition_service(request).graph.latest, saved)


@router.get("/editions")
async def editions(request: Request, by: Staff) -> list[EditionResponse]:
    """Every edition, drafts and scheduled ones too, the newest first."""
    by.needs(Permission.READ)
    service = edition_service(request)
    return await responses.several(service.graph.latest, await service.editions())


@router.get("/editions/due")
async def due(request: Request, by: Staff) -> list[EditionResponse]:
    """The editions whose time to leave the graph has come."""
    by.needs(Permission.READ)
    service = edition_service(request)
    return await responses.several(service.graph.latest, await service.due())


@router.get("/editions/{number}")
async def edition(request: Request, number: EditionNumber, by: Staff) -> EditionResponse:
    """One edition, whatever its state."""
    by.needs(Permission.READ)
    return await _edition(request, await edition_service(request).edition(number))


@router.post("/editions", status_code=201, openapi_extra={"requestBody": _NEW_CONTENT})
async def import_content(request: Request, by: Staff) -> ImportResponse:
    """A content document as a new draft or, with `publish`, live at once; the equal edition that is there already."""
    try:
        wanted = NewContent.model_validate_json(await request.body())
    except ValidationError as error:
        raise invalid(error) from None
    service = edition_service(request)
    content = await asyncio.to_thread(read_plain, wanted.content)
    imported = await service.import_content(content, wanted, by=by)
    return await responses.imported(service.graph.latest, imported)


@router.get("/editions/{number}/content", response_class=Response, responses=_CONTENT)
async def content(request: Request, number: EditionNumber, by: Staff) -> Response:
    """The whole content of an edition, whatever its state: the bytes that its hash is made from."""
    by.needs(Permission.READ)
    body = await asyncio.to_thread(canonical, await edition_service(request).content(number))
    return Response(body, media_type="application/json")


@router.post("/drafts", status_code=201)
async def fork(request: Request, wanted: NewDraft, by: Staff) -> EditionResponse:
    """A new draft: a copy of the live edition, or of another."""
    return await _edition(request, await edition_service(request).fork(wanted, by=by))


@router.get("/editions/{number}/layers")
async def layers(request: Request, number: EditionNumber, by: Staff) -> LayersResponse:
    """The edition taken apart: the law beneath it, and the city's own layer, which together make the same content."""
    by.needs(Permission.READ)
    return responses.layers(await edition_service(request).layers(number))


@router.get("/law")
async def law_preview(request: Request, by: Staff) -> LawPreviewResponse:
    """What the law of every city that came with the program would change in the live edition, and the conflicts."""
    by.needs(Permission.READ)
    service = edition_service(request)
    preview = await service.update_preview(await service.number("live"), await service.shipped_law())
    return await responses.law_preview(service.graph.latest, preview)


@router.post("/drafts/update", status_code=201, openapi_extra={"requestBody": _AMENDED_LAW})
async def update(request: Request, by: Staff) -> SaveResponse:
    """An amended law brought into a new draft of the live edition; nothing is made where that has it already."""
    by.needs(Permission.EDIT)
    try:
        wanted = AmendedLaw.model_validate_json(await request.body())
    except ValidationError as error:
        raise invalid(error) from None
    service = edition_service(request)
    law = await _read(wanted.law) if wanted.law is not None else await service.shipped_law()
    old = await _read(wanted.old) if wanted.old is not None else None
    return await _save(request, await service.update(None, law, wanted, old=old, by=by))


async def _read(document: dict[str, Any]) -> Content:
    return await asyncio.to_thread(read_plain, document)


@router.get("/editions/{number}/items/{key:path}")
async def item(request: Request, number: EditionNumber, key: str, by: Staff) -> dict[str, Any]:
    """An item as in the content document, the revision that a save has to name, and its fields of the city's `own`."""
    by.needs(Permission.READ)
    return await edition_service(request).item(number, key)


@router.post("/drafts/{number}/changes")
async def save(request: Request, number: EditionNumber, wanted: ItemChange, by: Staff) -> SaveResponse:
    """One save: items put and removed, all or nothing; items without a key are new."""
    return await _save(request, await edition_service(request).save(number, wanted, by=by))


@router.post("/drafts/{number}/trial")
async def trial(request: Request, number: EditionNumber, wanted: ItemChange, by: Staff) -> TrialResponse:
    """What such a save would mean for residents; nothing is saved."""
    by.needs(Permission.EDIT)
    service = edition_service(request)
    return await responses.trial(service.graph.latest, await service.trial(number, wanted))


@router.post("/drafts/revert", status_code=201)
async def revert_in_new_draft(request: Request, wanted: Reverting, by: Staff) -> SaveResponse:
    """A change taken back, or an item restored, in a new draft of the live edition."""
    return await _save(request, await edition_service(request).revert(None, wanted, by=by))


@router.post("/drafts/{number}/revert")
async def revert(request: Request, number: EditionNumber, wanted: Reverting, by: Staff) -> SaveResponse:
    """A change taken back, or an item restored."""
    return await _save(request, await edition_service(request).revert(number, wanted, by=by))


@router.post("/drafts/{number}/merge")
async def merge(request: Request, number: EditionNumber, wanted: Merging, by: Staff) -> SaveResponse:
    """What was published since the draft was made, brought in."""
    return await _save(request, await edition_service(request).merge(number, wanted, by=by))


@router.post("/drafts/{number}/confirm")
async def confirm(request: Request, number: EditionNumber, wanted: Confirming, by: Staff) -> SaveResponse:
    """What the city has confirmed: these facts rest on it from today on."""
    return await _save(request, await edition_service(request).confirm(number, wanted, by=by))


@router.post("/drafts/{number}/scenarios", status_code=201)
async def keep_scenario(
    request: Request, number: EditionNumber, wanted: NewScenario, by: Staff
) -> KeptScenarioResponse:
    """A household, or the printed code of its guidance, kept as a scenario."""
    service = edition_service(request)
    return await responses.kept(service.graph.latest, await service.keep_scenario(number, wanted, by=by))


@router.post("/drafts/{number}/discard")
async def discard(request: Request, number: EditionNumber, wanted: Reason, by: Staff) -> EditionResponse:
    """A draft given up."""
    return await _edition(request, await edition_service(request).discard(number, wanted, by=by))


@router.post("/drafts/{number}/publish")
async def publish(request: Request, number: EditionNumber, wanted: Publication, by: Staff) -> EditionResponse:
    """A draft published now, or scheduled with `at`."""
    return await _edition(request, await edition_service(request).publish(number, wanted, by=by))


@router.get("/editions/{number}/findings")
async def findings(request: Request, number: EditionNumber, by: Staff) -> list[FindingResponse]:
    """What is wrong with an edition."""
    by.needs(Permission.READ)
    return responses.listed(FindingResponse, await edition_service(request).findings(number))


@router.get("/editions/{number}/unconfirmed")
async def unconfirmed(request: Request, number: EditionNumber, by: Staff) -> list[WindowToConfirmResponse]:
    """What nobody has confirmed in this city, by the window that can."""
    by.needs(Permission.READ)
    return responses.listed(WindowToConfirmResponse, await edition_service(request).to_confirm(number))


@router.get("/editions/{number}/scenarios")
async def scenarios(request: Request, number: EditionNumber, by: Staff) -> list[ScenarioResponse]:
    """Every scenario, run on the edition."""
    by.needs(Permission.READ)
    return responses.listed(ScenarioResponse, await edition_service(request).scenarios(number))


@router.get("/editions/{number}/comparison")
async def comparison(
    request: Request, number: EditionNumber, by: Staff, old: Annotated[str, Query(max_length=20)] = "live"
) -> ReviewResponse:
    """The edition compared with an older one (the live one without `old`)."""
    by.needs(Permission.READ)
    service = edition_service(request)
    return await responses.review(service.graph.latest, await service.review(await service.number(old), number))


@router.get("/editions/{number}/readiness")
async def readiness(
    request: Request, number: EditionNumber, by: Staff, at: datetime | None = None
) -> ReadinessResponse:
    """What stands between a draft and its publication, now or `at` a later moment."""
    by.needs(Permission.READ)
    service = edition_service(request)
    ready = await service.readiness(number, at=at)
    return await responses.readiness(service.graph.latest, ready, barred=service.is_barred(ready, by))


@router.get("/drafts/{number}/merge")
async def merge_preview(
    request: Request, number: EditionNumber, by: Staff, onto: EditionNumber | None = None
) -> MergePreviewResponse:
    """What was published since the draft was made, what merging it would do, and the conflicts to decide before."""
    by.needs(Permission.READ)
    service = edition_service(request)
    return await responses.merge_preview(service.graph.latest, await service.merge_preview(number, onto=onto))


@router.get("/editions/{number}/interviews")
async def interviews(request: Request, number: EditionNumber, by: Staff) -> list[InterviewsResponse]:
    """How many questions residents are asked, life event by life event."""
    by.needs(Permission.READ)
    return responses.listed(InterviewsResponse, await edition_service(request).interviews(number))


@router.get("/editions/{number}/interviews/{event}/moves")
async def moves(request: Request, number: EditionNumber, event: Key, by: Staff, question: Key) -> MovesResponse:
    """What other places of a question would change for the interviews about a life event."""
    by.needs(Permission.READ)
    return responses.moves(event, question, await edition_service(request).moves(number, event, question=question))


@router.post("/editions/{number}/withdraw")
async def withdraw(request: Request, number: EditionNumber, wanted: Reason, by: Staff) -> EditionResponse:
    """A schedule cancelled; answers the draft that keeps its content."""
    return await _edition(request, await edition_service(request).withdraw(number, wanted, by=by))


@router.post("/editions/{number}/rollback")
async def roll_back(request: Request, number: EditionNumber, wanted: Reason, by: Staff) -> EditionResponse:
    """A copy of this earlier edition published at once; `note` is the reason."""
    return await _edition(request, await edition_service(request).roll_back(number, wanted, by=by))


@router.post("/editions/archive-due")
async def archive_due(request: Request, by: Staff) -> list[EditionResponse]:
    """Every edition moved out of the graph whose time has come."""
    service = edition_service(request)
    return await responses.several(service.graph.latest, await service.archive_due(by=by))


@router.post("/editions/{number}/archive")
async def archive(request: Request, number: EditionNumber, by: Staff) -> EditionResponse:
    """An edition moved out of the graph."""
    return await _edition(request, await edition_service(request).archive(number, by=by))


@router.post("/editions/{number}/bring-back")
async def bring_back(request: Request, number: EditionNumber, by: Staff) -> EditionResponse:
    """An archived edition moved back into the graph, identical by hash."""
    return await _edition(request, await edition_service(request).bring_back(number, by=by))


@router.get("/editions/{number}/previews")
async def links(request: Request, number: EditionNumber, by: Staff) -> list[LinkResponse]:
    """The links to the preview of an edition, the newest first."""
    by.needs(Permission.READ)
    return responses.listed(LinkResponse, await edition_service(request).links(number))


@router.post("/editions/{number}/previews", status_code=201)
async def issue_link(request: Request, number: EditionNumber, wanted: NewPreviewLink, by: Staff) -> NewLinkResponse:
    """A new link to the preview of an edition; what opens it is told this once."""
    return responses.new_link(number, await edition_service(request).issue_link(number, wanted, by=by))


@router.post("/editions/{number}/previews/{link}/revoke")
async def revoke_link(request: Request, number: EditionNumber, link: str, by: Staff) -> LinkResponse:
    """A link taken back: it opens nothing any more."""
    return LinkResponse.model_validate(await edition_service(request).revoke_link(number, link, by=by))


@router.get("/history/verification")
async def verification(request: Request, by: Staff) -> VerificationResponse:
    """Whether the history and every edition are what was written: with 100,000 changes that takes seconds."""
    by.needs(Permission.READ)
    return VerificationResponse.model_validate(await edition_service(request).verify())


@router.get("/history")
async def changes(
    request: Request,
    by: Staff,
    edition: EditionNumber | None = None,
    item: Annotated[str | None, Query(max_length=240)] = None,
    person: Annotated[str | None, Query(max_length=120)] = None,
    action: Annotated[str | None, Query(max_length=40)] = None,
    since: datetime | None = None,
    until: datetime | None = None,
    before: Annotated[int | None, Query(ge=1, lt=2**53)] = None,
    most: Annotated[int, Query(ge=1, le=500)] = 50,
) -> list[EntryResponse]:
    """The history, the newest first; `before` goes on behind the last entry of a page."""
    by.needs(Permission.READ)
    wanted = history.Filter(edition=edition, key=item, by=person, action=action, since=since, until=until)
    entries = await edition_service(request).history(wanted, before=before, most=most)
    return responses.listed(EntryResponse, entries)
