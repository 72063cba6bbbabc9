"""The page of one change of the history, which takes it back or restores an item."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, ClassVar

from fastapi import APIRouter, Request
from fastapi.responses import Response

from service.content import patches
from service.content.models import Edition
from service.content.patches import Outdated
from service.diff_text import differences
from service.diff_text import history as history_text
from service.diff_text.history import ChangeText
from service.editions import history, requests
from service.editions.history import Filter
from service.editions.requests import Reverting
from service.errors import GuideError, InvalidContent, InvalidRequest
from service.store import editions
from service.web.previews import Number
from service.web.staff import context
from service.web.staff.context import Form, Staff, StaffContext
from service.web.staff.layout import FormPage

router = APIRouter(include_in_schema=False)


MOST_LATER = 50
ASKED = ("draft", "note", "key", "side")


@dataclass(frozen=True, kw_only=True)
class ChangePage(FormPage):
    """One change in full. `missing` are the problems of a restored item whose ends are gone: they can be left out."""

    template: ClassVar[str] = "staff/change.html"
    current: ClassVar[str] = "history"

    told: ChangeText
    edition: Edition
    drafts: Sequence[Edition]
    chosen: str
    note: str
    keys: Sequence[tuple[str, str, bool, bool]]
    later: Sequence[ChangeText]
    missing: Sequence[str]
    asked: Mapping[str, str]
    digest: str


@router.get("/staff/history/{number}")
async def show(request: Request, number: Number, actor: Staff) -> Response:
    """One change in full."""
    return context.respond(await change_page(context.visit(request, actor), number))


@router.post("/staff/history/{number}")
async def submit(request: Request, number: Number, form: Form) -> Response:
    """Takes a change back in a draft, or restores an item of it."""
    visit, typed = context.visit(request, form.actor), {name: form.get(name) for name in ASKED}
    try:
        draft = await _revert(visit, number, typed=typed, detach=form.get("detach") == "yes")
    except GuideError as error:
        return await context.again(error, change_page(visit, number, typed=typed, refusal=error))
    return context.onward(f"/staff/history?edition={draft}")


async def change_page(
    visit: StaffContext,
    seq: int,
    *,
    typed: Mapping[str, str] | None = None,
    refusal: GuideError | None = None,
    done: str = "",
) -> ChangePage:
    """The page of one change; with what was asked for and why it was refused. Errors: NotFound."""
    reads, asked = visit.graph.latest, {"key": "", "side": ""} | dict(typed or {})
    change = await history.change(reads, seq)
    edition = await editions.numbered(reads, int(change["edition"]))
    patch = patches.read(change.get("before"), change.get("after"))
    around = await visit.around()
    names = {**await visit.reviewer.names(edition), **around.names}
    around = replace(around, names=names)
    called = differences.names(patch.before, patch.after)
    open_drafts = await editions.drafts(reads)
    return ChangePage(
        frame=visit.frame,
        refusal=refusal,
        done=done,
        told=history_text.told(change, around),
        edition=edition,
        drafts=open_drafts,
        chosen=asked.get("draft") or _likely(open_drafts, edition.number),
        note=asked.get("note", ""),
        asked=asked,
        missing=_missing(refusal),
        digest=str(change["hash"]),
        keys=[(key, called.get(key, key), key in patch.before, key in patch.after) for key in patch.keys],
        later=await _later(visit, seq, refusal, around) if isinstance(refusal, Outdated) else (),
    )


def _likely(drafts: Sequence[Edition], number: int) -> str:
    """The draft that the change was made in, if it is still open, else the newest, else a new one."""
    numbers = [draft.number for draft in drafts]
    return str(number if number in numbers else numbers[0]) if numbers else "new"


def _missing(refusal: GuideError | None) -> tuple[str, ...]:
    return tuple(problem.message for problem in refusal.problems) if isinstance(refusal, InvalidContent) else ()


async def _later(visit: StaffContext, seq: int, refusal: Outdated, around: history_text.Around) -> list[ChangeText]:
    """What was done since to the items that stand in the way."""
    changes: dict[int, Any] = {}
    for key in refusal.keys:
        for change in await history.page(visit.graph.latest, Filter(key=key), most=MOST_LATER):
            if change["seq"] > seq:
                changes[change["seq"]] = change
    return [history_text.told(changes[place], around) for place in sorted(changes, reverse=True)]


async def _revert(visit: StaffContext, seq: int, *, typed: Mapping[str, str], detach: bool) -> int:
    """Takes a change back in a draft (`key` empty), or restores an item; the number of the draft.

    Errors: those of the service, InvalidRequest where no draft was chosen, where an item comes without its side or a
    side without its item, and where nothing would change.
    """
    draft = typed.get("draft", "")
    number = context.number(draft)
    if number is None and draft != "new":
        raise InvalidRequest("どの下書きで行うかを選んでください。", where="/draft")
    if bool(typed.get("key")) != bool(typed.get("side")):
        raise InvalidRequest("どの項目を、いつの内容に戻すかを読み取れません。画面を開き直してください。", where="/key")
    fields = {"seq": seq, "key": typed.get("key") or None, "side": typed.get("side") or None, "detach": detach}
    wanted = requests.read(Reverting, fields | {"note": typed.get("note")})
    saved = await visit.service.revert(number, wanted, by=visit.actor)
    if saved.seq is None:
        raise InvalidRequest("その下書きでは、もうそのとおりになっています。変えるところはありません。", where="/draft")
    return saved.edition.number
