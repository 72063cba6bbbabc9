"""The staff's pages of editions: the overview, all of them, each of them, its findings and scenarios."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated

from fastapi import APIRouter, Depends, Request
from fastapi.responses import Response

from service.accounts.permissions import Actor, Permission
from service.editions import conflicts, requests
from service.editions.merging import Side
from service.editions.requests import NewDraft, Reason
from service.errors import GuideError
from service.web.previews import Number
from service.web.staff import auth, context, edition_pages, proof_pages
from service.web.staff.auth import Posted
from service.web.staff.context import Visit, onward, shown
from service.web.staff.edition_pages import Act

router = APIRouter(include_in_schema=False)

Staff = Annotated[Actor, Depends(auth.staff)]
Form = Annotated[Posted, Depends(auth.posted)]

HOUSEHOLD = ("event", "a")


def _visit(request: Request, actor: Actor) -> Visit:
    actor.needs(Permission.READ)
    return context.visit(request, actor)


@router.get("/staff")
async def overview(request: Request, actor: Staff) -> Response:
    """What is live, what is scheduled, the open drafts, what was done last."""
    return shown(await edition_pages.overview(_visit(request, actor)))


@router.get("/staff/editions")
async def editions(request: Request, actor: Staff, start: int = 0, done: str = "") -> Response:
    """Every edition."""
    return shown(await edition_pages.all_editions(_visit(request, actor), start=start, done=done))


@router.get("/staff/drafts/new")
async def new_draft(request: Request, actor: Staff, of: int | None = None) -> Response:
    """The form for a new draft."""
    return shown(await edition_pages.new_draft(_visit(request, actor), of=of))


@router.post("/staff/drafts/new")
async def forked(request: Request, form: Form) -> Response:
    """Makes a draft."""
    visit, title, of = _visit(request, form.actor), form.get("title"), form.get("of")
    number = int(of) if of.isascii() and of.isdecimal() and len(of) < 10 else None
    try:
        draft = await visit.service.fork(requests.read(NewDraft, {"title": title, "of": number}), by=form.actor)
    except GuideError as error:
        return await context.again(error, edition_pages.new_draft(visit, of=number, title=title, refusal=error))
    return onward(f"/staff/editions/{draft.number}?done=forked")


@router.get("/staff/editions/{number}")
async def edition(request: Request, number: Number, actor: Staff, done: str = "") -> Response:
    """One edition."""
    return shown(await edition_pages.one_edition(_visit(request, actor), number, done=done))


@router.get("/staff/editions/{number}/act/{act}")
async def asked(request: Request, number: Number, act: Act, actor: Staff) -> Response:
    """Asks before something is done with an edition; on to the edition where that cannot be done."""
    page = await edition_pages.act(_visit(request, actor), number, act=act)
    return shown(page) if page else onward(f"/staff/editions/{number}")


@router.post("/staff/editions/{number}/act/{act}")
async def done(request: Request, number: Number, act: Act, form: Form) -> Response:
    """Discards, withdraws, rolls back, archives or brings back."""
    visit, note = _visit(request, form.actor), form.get("note")
    chosen = conflicts.decided(form.fields)
    try:
        led = await _do(visit, number, act=act, note=note, chosen=chosen)
    except GuideError as error:
        page = await edition_pages.act(visit, number, act=act, note=note, chosen=chosen, refusal=error)
        return await context.again(error, page or await edition_pages.one_edition(visit, number, refusal=error))
    return onward(f"/staff/editions/{led}?done={act}")


async def _do(visit: Visit, number: int, *, act: Act, note: str, chosen: Mapping[str, Side]) -> int:
    """Does it; returns the number of the edition that tells of it."""
    service, by = visit.service, visit.actor
    if act == "archive":
        return (await service.archive(number, by=by)).number
    if act == "bring_back":
        return (await service.bring_back(number, by=by)).number
    reason = requests.read(Reason, {"note": note, "decided": chosen})
    write = {"discard": service.discard, "withdraw": service.withdraw, "rollback": service.roll_back}[act]
    return (await write(number, reason, by=by)).number


@router.get("/staff/editions/{number}/findings")
async def findings(request: Request, number: Number, actor: Staff) -> Response:
    """What is wrong with an edition."""
    return shown(await proof_pages.findings(_visit(request, actor), number))


@router.get("/staff/editions/{number}/scenarios")
async def scenarios(request: Request, number: Number, actor: Staff, done: str = "") -> Response:
    """The scenarios of an edition, run now."""
    return shown(await proof_pages.all_scenarios(_visit(request, actor), number, done=done))


@router.get("/staff/editions/{number}/new-scenario")
async def new_scenario(request: Request, number: Number, actor: Staff) -> Response:
    """The form that keeps a household as a scenario; on to the edition that is no draft."""
    pairs = request.query_params.multi_items()
    page = await proof_pages.new_scenario(_visit(request, actor), number, pairs=pairs)
    return shown(page) if page.standing == "draft" else onward(f"/staff/editions/{number}")


@router.post("/staff/editions/{number}/new-scenario")
async def kept(request: Request, number: Number, form: Form) -> Response:
    """Keeps a household as a scenario of a draft."""
    visit = _visit(request, form.actor)
    pairs = [pair for pair in form.fields if pair[0] in HOUSEHOLD]
    typed = {name: form.get(name) for name in ("name", "code", "note")}
    try:
        wanted = await proof_pages.wanted(visit, number, pairs=pairs, typed=typed)
        await visit.service.keep_scenario(number, wanted, by=form.actor)
    except GuideError as error:
        return await context.again(error, proof_pages.new_scenario(visit, number, pairs=pairs, refusal=error, **typed))
    return onward(f"/staff/editions/{number}/scenarios?done=kept")
