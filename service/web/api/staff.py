"""The staff's API: drafts, checks, comparison, publishing and history, with the same words as the commands."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request

from service.accounts.permissions import Actor, Permission
from service.editions import history
from service.editions.messages import (
    ItemChange,
    Merging,
    NewDraft,
    Publication,
    Reason,
    Reverting,
    ToldEdition,
    ToldEntry,
    ToldFinding,
    ToldReview,
    ToldSave,
    ToldScenario,
)
from service.editions.service import Desk
from service.guidance.responses import EditionNumber, Failure
from service.web.staff import auth

_ERRORS: dict[int | str, dict[str, Any]] = {
    403: {"model": Failure, "description": "Signed in, and not allowed to do that"},
    404: {"model": Failure, "description": "No such edition, item or change; also where nobody is signed in"},
    409: {"model": Failure, "description": "Understood and not done; `details` say what stands against it"},
    422: {"model": Failure, "description": "Not understood, or the content would be unsound; every problem is named"},
    503: {"model": Failure, "description": "The database is away"},
}
router = APIRouter(prefix="/api/v1/staff", tags=["staff"], responses=_ERRORS)

Staff = Annotated[Actor, Depends(auth.staff_api)]


def _desk(request: Request) -> Desk:
    desk: Desk = request.app.state.desk
    return desk


@router.get("/editions")
async def editions(request: Request, by: Staff) -> list[ToldEdition]:
    """Every edition, drafts and scheduled ones too, the newest first."""
    by.needs(Permission.READ)
    return await _desk(request).editions()


@router.get("/editions/{number}")
async def edition(request: Request, number: EditionNumber, by: Staff) -> ToldEdition:
    """One edition, whatever its state."""
    by.needs(Permission.READ)
    return await _desk(request).edition(number)


@router.post("/drafts", status_code=201)
async def fork(request: Request, wanted: NewDraft, by: Staff) -> ToldEdition:
    """A new draft: a copy of the live edition, or of another."""
    return await _desk(request).fork(wanted, by=by)


@router.get("/editions/{number}/items/{key:path}")
async def item(request: Request, number: EditionNumber, key: str, by: Staff) -> dict[str, Any]:
    """An item as in the content document, with the revision that a save has to name."""
    by.needs(Permission.READ)
    return await _desk(request).item(number, key)


@router.post("/drafts/{number}/changes")
async def change(request: Request, number: EditionNumber, wanted: ItemChange, by: Staff) -> ToldSave:
    """One save: items put and removed, all or nothing."""
    return await _desk(request).change(number, wanted, by=by)


@router.post("/drafts/{number}/revert")
async def revert(request: Request, number: EditionNumber, wanted: Reverting, by: Staff) -> ToldSave:
    """A change taken back, or an item restored."""
    return await _desk(request).revert(number, wanted, by=by)


@router.post("/drafts/{number}/merge")
async def merge(request: Request, number: EditionNumber, wanted: Merging, by: Staff) -> ToldSave:
    """What was published since the draft was made, brought in."""
    return await _desk(request).merge(number, wanted, by=by)


@router.post("/drafts/{number}/discard")
async def discard(request: Request, number: EditionNumber, wanted: Reason, by: Staff) -> ToldEdition:
    """A draft given up."""
    return await _desk(request).discard(number, by=by, note=wanted.note)


@router.post("/drafts/{number}/publish")
async def publish(request: Request, number: EditionNumber, wanted: Publication, by: Staff) -> ToldEdition:
    """A draft published now, or scheduled with `at`."""
    return await _desk(request).publish(number, wanted, by=by)


@router.get("/editions/{number}/findings")
async def findings(request: Request, number: EditionNumber, by: Staff) -> list[ToldFinding]:
    """What is wrong with an edition."""
    by.needs(Permission.READ)
    return await _desk(request).findings(number)


@router.get("/editions/{number}/scenarios")
async def scenarios(request: Request, number: EditionNumber, by: Staff) -> list[ToldScenario]:
    """Every scenario, run on the edition."""
    by.needs(Permission.READ)
    return await _desk(request).scenarios(number)


@router.get("/editions/{number}/comparison")
async def comparison(
    request: Request, number: EditionNumber, by: Staff, old: Annotated[str, Query(max_length=20)] = "live"
) -> ToldReview:
    """The edition compared with an older one (the live one without `old`)."""
    by.needs(Permission.READ)
    desk = _desk(request)
    return await desk.review(await desk.number(old), number)


@router.post("/editions/{number}/withdraw")
async def withdraw(request: Request, number: EditionNumber, wanted: Reason, by: Staff) -> ToldEdition:
    """A schedule cancelled; answers the draft that keeps its content."""
    return await _desk(request).withdraw(number, wanted, by=by)


@router.post("/editions/{number}/rollback")
async def roll_back(request: Request, number: EditionNumber, wanted: Reason, by: Staff) -> ToldEdition:
    """A copy of this earlier edition published at once; `note` is the reason."""
    return await _desk(request).roll_back(number, wanted, by=by)


@router.post("/editions/{number}/archive")
async def archive(request: Request, number: EditionNumber, by: Staff) -> ToldEdition:
    """An edition moved out of the graph."""
    return await _desk(request).archive(number, by=by)


@router.post("/editions/{number}/bring-back")
async def bring_back(request: Request, number: EditionNumber, by: Staff) -> ToldEdition:
    """An archived edition moved back into the graph, identical by hash."""
    return await _desk(request).bring_back(number, by=by)


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
) -> list[ToldEntry]:
    """The history, the newest first; `before` goes on behind the last entry of a page."""
    by.needs(Permission.READ)
    wanted = history.Filter(edition=edition, key=item, by=person, action=action, since=since, until=until)
    return await _desk(request).history(wanted, before=before, most=most)
