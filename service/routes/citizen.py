"""The residents' pages. Everything that a page is about stands in its address; the process keeps nothing of anybody."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Literal
from urllib.parse import quote, urlencode

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from service import (
    calendars,
    cards,
    catalogue_pages,
    citizen_pages,
    clock,
    codes,
    interview,
    interview_pages,
    pages,
    result_pages,
    results,
    search,
    submissions,
    why_pages,
)
from service.answers import Why, read_address
from service.caches import Bounded
from service.models import Kind, Procedure, Term, Window
from service.reception import Reception, Visit

router = APIRouter(include_in_schema=False)

PRIVATE = {"Cache-Control": "private, no-store", "X-Robots-Tag": "noindex"}
PUBLIC = {"Cache-Control": "public, max-age=60, stale-if-error=86400"}
PageCache = Bounded[tuple[object, ...], bytes]


def _reception(request: Request) -> Reception:
    reception: Reception = request.app.state.reception
    return reception


def _params(request: Request) -> list[tuple[str, str]]:
    return request.query_params.multi_items()


def _html(page: citizen_pages.CitizenPage, *, status: int = 200) -> Response:
    return HTMLResponse(pages.render(page), status, PRIVATE if page.private else PUBLIC)


def _base(request: Request) -> str:
    return _reception(request).base(str(request.base_url))


def _onward(address: str) -> Response:
    return RedirectResponse(address, 303, PRIVATE)


async def _kept(
    request: Request, visit: Visit, render: Callable[[], Awaitable[citizen_pages.CitizenPage]], *, about: str = ""
) -> Response:
    """The page, kept as bytes where nothing but the edition, the answers, what it is `about` and the day decides it."""
    query = visit.query
    live = _reception(request).live
    if query.dates or query.dropped or visit.newer or live.away:
        return _html(await render())
    cache: PageCache = request.app.state.pages
    key = (request.scope["path"], about, query.from_edition, query.life_events, query.answers, clock.today())
    body = cache.get(key)
    if body is None:
        body = pages.render(await render()).encode()
        cache.put(key, body)
    return Response(body, 200, PRIVATE, "text/html; charset=utf-8")


@router.api_route("/", methods=["GET", "HEAD"])
async def home(request: Request) -> Response:
    """The beginning; `event` ticks life events, `none` tells that none was chosen."""
    reception = _reception(request)
    _, outline = await reception.outline()
    chosen = [value for name, value in _params(request) if name == "event"]
    missing = "none" in request.query_params
    return _html(interview_pages.home_page(reception.city, outline, missing=missing, chosen=chosen))


@router.api_route("/guide", methods=["GET", "HEAD"])
async def guide(request: Request) -> Response:
    """The next question, or on to the review; a submitted form goes on to the address of its answers."""
    reception, params = _reception(request), _params(request)
    if not any(name == "event" for name, _ in params):
        return _onward("/?none=1")
    visit = await reception.visit(params)
    if submissions.is_form(params):
        return await _submitted(request, visit)
    asked = request.query_params.get("ask")
    given = await reception.guided(visit)
    key = asked if asked in visit.outline.questions else given.guidance.next_question
    if key is None:
        return _onward(_same("/review", request))
    left = given.guidance.questions_left_at_most
    return await _kept(request, visit, lambda: _question(request, visit, key, left=left), about=key)


def _same(path: str, request: Request) -> str:
    """Another page at the same answers, also those that no longer count: it says so where this page only led on."""
    kept = [(name, value) for name, value in _params(request) if name != "ask"]
    return f"{path}?{urlencode(kept, safe=':,?')}"


def _read_form(request: Request, visit: Visit) -> submissions.Submission:
    """What a form said, read on the edition that it was made from, and with that edition in its query."""
    if visit.before is not None:
        return submissions.submitted(_params(request), visit.before)
    form = submissions.submitted(_params(request), visit.outline)
    return replace(form, query=replace(form.query, from_edition=visit.edition.number))


def _after(path: str, request: Request, *, visit: Visit, form: submissions.Submission) -> Response:
    """On to the address of a form's answers; what they make moot is said there."""
    given = read_address(_params(request), visit.before or visit.outline).answers
    gone = {one.question for one in form.query.dropped if one.why is Why.MOOT}
    return _onward(
        citizen_pages.address(path, form.query, moot=[answer for answer in given if answer.question in gone])
    )


async def _submitted(request: Request, visit: Visit) -> Response:
    form = _read_form(request, visit)
    if form.error is None or form.question not in visit.outline.questions:
        return _after("/guide", request, visit=visit, form=form)
    given = await _reception(request).guided(visit)
    left = given.guidance.questions_left_at_most
    page = await _question(request, visit, form.question, left=left, form=form)
    return _html(page, status=422)


async def _question(
    request: Request, visit: Visit, key: str, *, left: int, form: submissions.Submission | None = None
) -> citizen_pages.CitizenPage:
    reception = _reception(request)
    terms = await reception.catalogue.terms_in(visit.edition.number, [key])
    changes = citizen_pages.dropped_notes(visit.changes if visit.newer else visit.query.dropped, visit.outline)
    kind: Literal["newer", "dropped"] = "newer" if visit.newer else "dropped"
    return interview_pages.question_page(
        reception.city, visit.outline, question=visit.outline.questions[key], query=visit.query,
        terms=terms.get(key, ()), left=left, back_url=interview.back_url(visit.query, visit.outline, before=key),
        chosen=form.chosen if form else None, error=form.error if form else None,
        notice=citizen_pages.Notice(kind, edition=visit.edition.number, dropped=changes) if changes else None,
    )  # fmt: skip


@router.api_route("/review", methods=["GET", "HEAD"])
async def review(request: Request) -> Response:
    """All answers, each to be changed, and the days of the life events."""
    reception, params = _reception(request), _params(request)
    visit = await reception.visit(params)
    form = _read_form(request, visit)
    if submissions.is_form(params) and form.accepted:
        return _after("/result", request, visit=visit, form=form)
    left = (await reception.guided(visit)).guidance.questions_left_at_most
    order = interview.order(visit.query, visit.outline)
    typed = {
        key: interview_pages.DateField(
            visit.outline.life_events[key], day.year, day.month, day.day, form.date_errors.get(key)
        )
        for key, day in form.typed.items()
    }
    page = interview_pages.review_page(
        reception.city, visit.outline, query=replace(visit.query, dropped=visit.query.dropped + visit.changes),
        asked=order, left=left, back_url=interview.back_url(visit.query, visit.outline, before=None), typed=typed,
    )  # fmt: skip
    return _html(page, status=422 if form.date_errors else 200)


@router.api_route("/result", methods=["GET", "HEAD"])
async def result(request: Request) -> Response:
    """The list."""
    params = _params(request)
    if any(name.startswith("date-") for name, _ in params):
        return await review(request)
    visit = await _reception(request).visit(params)
    if submissions.is_form(params):
        # 「ここまでの結果を見る」: what is ticked counts, and nothing ticked is no error here
        return _after("/result", request, visit=visit, form=_read_form(request, visit))
    return await _kept(request, visit, lambda: _result(request, visit))


async def _result(request: Request, visit: Visit, *, code: str | None = None) -> citizen_pages.CitizenPage:
    reception = _reception(request)
    advice = await reception.advice(visit)
    groups = results.groups(advice, today=clock.today())
    return result_pages.result_page(
        reception.city, visit.outline, edition=visit.edition, query=visit.query, guidance=advice.given.guidance,
        groups=groups, rendered=results.rendered(groups, request.app.state.cards), code=advice.code,
        base=f"/e/{visit.edition.number}/{code}" if code else None,
        notice=await _pinned_notice(request, visit) if code else results.notice(advice),
    )  # fmt: skip


async def _pinned_notice(request: Request, visit: Visit) -> citizen_pages.Notice | None:
    live = await _reception(request).live.edition()
    if live.number == visit.edition.number:
        return None
    published = visit.edition.published_at
    return citizen_pages.Notice(
        "pinned", url=citizen_pages.address("/result", visit.query), edition=visit.edition.number,
        published=published.date() if published else None,
    )  # fmt: skip


@router.api_route("/sheet", methods=["GET", "HEAD"])
async def sheet(request: Request) -> Response:
    """The list on paper."""
    visit = await _reception(request).visit(_params(request))
    return await _kept(request, visit, lambda: _sheet(request, visit), about=_base(request))


async def _sheet(request: Request, visit: Visit, *, pinned: bool = False) -> citizen_pages.CitizenPage:
    reception = _reception(request)
    advice = await reception.advice(visit)
    base = _base(request)
    path = f"/e/{visit.edition.number}/{advice.code}"
    return result_pages.sheet_page(
        reception.city, visit.outline, edition=visit.edition, query=visit.query,
        groups=results.groups(advice, today=clock.today()), code=advice.code, pinned_url=base + path,
        today=clock.today(), result_url=path if pinned else None,
        notice=await _pinned_notice(request, visit) if pinned else None,
    )  # fmt: skip


@router.api_route("/result.ics", methods=["GET", "HEAD"])
async def calendar(request: Request) -> Response:
    """The days of the list as calendar entries."""
    reception = _reception(request)
    visit = await reception.visit(_params(request))
    advice = await reception.advice(visit)
    base = _base(request)
    body = calendars.calendar(
        advice.details.procedures, advice.dues, edition=visit.edition, city=reception.city.name, base=base
    )
    name = {"Content-Disposition": 'attachment; filename="tetsuzuki.ics"'}
    return Response(body, 200, PRIVATE | name, "text/calendar; charset=utf-8")


@router.api_route("/e/{number}/{code}", methods=["GET", "HEAD"])
async def pinned(request: Request, number: int, code: str) -> Response:
    """A result in exactly its edition, reopened from paper."""
    visit = await _reception(request).pinned(number, code)
    return _html(await _result(request, visit, code=code))


@router.api_route("/e/{number}/{code}/sheet", methods=["GET", "HEAD"])
async def pinned_sheet(request: Request, number: int, code: str) -> Response:
    """The sheet of a pinned result."""
    visit = await _reception(request).pinned(number, code)
    return _html(await _sheet(request, visit, pinned=True))


@router.api_route("/why", methods=["GET", "HEAD"])
async def why_list(request: Request) -> Response:
    """The procedures to ask 「この手続きは必要？」 about."""
    reception = _reception(request)
    visit = await reception.visit(_params(request))
    entries = await reception.catalogue.entries(visit.edition.number)
    typed = request.query_params.get("q", "")[: search.MOST_LENGTH]
    wanted = search.words(typed)
    chosen = search.found(entries, wanted) if wanted else list(entries)
    details = await reception.catalogue.details(visit.edition.number, [entry.key for entry in chosen])
    return _html(
        why_pages.why_list_page(reception.city, query=visit.query, words=typed, procedures=details.procedures.values())
    )


@router.api_route("/why/{key}", methods=["GET", "HEAD"])
async def why(request: Request, key: str) -> Response:
    """Why one procedure is listed or not."""
    reception = _reception(request)
    visit = await reception.visit(_params(request))
    procedure = await reception.catalogue.item(visit.edition.number, key, Kind.PROCEDURE)
    explanation = await reception.why(visit, key)
    assert isinstance(procedure, Procedure)
    return _html(
        why_pages.why_page(
            reception.city, visit.outline, query=visit.query, procedure=procedure, explanation=explanation
        )
    )


@router.api_route("/procedures", methods=["GET", "HEAD"])
async def procedures(request: Request) -> Response:
    """All procedures, by field and by life event."""
    reception = _reception(request)
    edition, outline = await reception.outline()
    entries = await reception.catalogue.entries(edition.number)
    details = await reception.catalogue.details(edition.number, [entry.key for entry in entries])
    by_event = {event: [entry.key for entry in entries if event in entry.life_events] for event in outline.life_events}
    return _html(
        catalogue_pages.procedures_page(reception.city, outline, procedures=details.procedures, by_event=by_event)
    )


@router.api_route("/procedures/{key}", methods=["GET", "HEAD"])
async def procedure(request: Request, key: str) -> Response:
    """One procedure."""
    reception = _reception(request)
    edition, outline = await reception.outline()
    number, catalogue = edition.number, reception.catalogue
    own = await catalogue.item(number, key, Kind.PROCEDURE)
    assert isinstance(own, Procedure)
    entries = {entry.key: entry for entry in await catalogue.entries(number)}
    needs = await catalogue.needs(number, key)
    details = await catalogue.details(number, list(entries), [document for document, _ in needs])
    events = [event for name, event in outline.life_events.items() if name in entries[key].life_events]
    mentioned = await catalogue.terms_in(number, [key])
    bring = [
        cards.Bring(details.documents[document], not labels, labels)
        for document, labels in needs
        if document in details.documents
    ]
    page = catalogue_pages.procedure_page(
        reception.city, cards.facts(key, details), procedures=details.procedures, bring=bring,
        events=events, terms=mentioned.get(key, ()),
    )  # fmt: skip
    return _html(page)


@router.api_route("/windows/{key}", methods=["GET", "HEAD"])
async def window(request: Request, key: str) -> Response:
    """One window."""
    reception = _reception(request)
    edition, _ = await reception.outline()
    own = await reception.catalogue.item(edition.number, key, Kind.WINDOW)
    assert isinstance(own, Window)
    entries = await reception.catalogue.entries(edition.number)
    details = await reception.catalogue.details(edition.number, [entry.key for entry in entries])
    return _html(catalogue_pages.window_page(reception.city, own, procedures=details.procedures.values()))


@router.api_route("/terms", methods=["GET", "HEAD"])
async def terms(request: Request) -> Response:
    """用語集."""
    reception = _reception(request)
    edition, _ = await reception.outline()
    return _html(catalogue_pages.terms_page(reception.city, await reception.catalogue.terms(edition.number)))


@router.api_route("/terms/{key}", methods=["GET", "HEAD"])
async def term(request: Request, key: str) -> Response:
    """One term and the procedures that speak of it."""
    reception = _reception(request)
    edition, _ = await reception.outline()
    own = await reception.catalogue.item(edition.number, key, Kind.TERM)
    assert isinstance(own, Term)
    entries = await reception.catalogue.entries(edition.number)
    keys = [entry.key for entry in entries]
    mentioned = await reception.catalogue.terms_in(edition.number, keys)
    speaking = [name for name, found in mentioned.items() if any(one.key == key for one in found)]
    details = await reception.catalogue.details(edition.number, speaking)
    return _html(catalogue_pages.term_page(reception.city, own, procedures=details.procedures.values()))


@router.api_route("/search", methods=["GET", "HEAD"])
async def find(request: Request) -> Response:
    """Search by names and words."""
    reception = _reception(request)
    edition, _ = await reception.outline()
    catalogue, number = reception.catalogue, edition.number
    typed = request.query_params.get("q", "")[: search.MOST_LENGTH]
    wanted = search.words(typed)
    entries = search.found(await catalogue.entries(number), wanted)
    details = await catalogue.details(number, [entry.key for entry in entries])
    windows = [one for one in await catalogue.of_kind(number, Kind.WINDOW) if isinstance(one, Window)]
    page = catalogue_pages.search_page(
        reception.city, words=typed,
        procedures=[details.procedures[entry.key] for entry in entries if entry.key in details.procedures],
        terms=search.found(await catalogue.terms(number), wanted), windows=search.found(windows, wanted),
    )  # fmt: skip
    return _html(page)


@router.api_route("/code", methods=["GET", "HEAD"])
async def typed_code(request: Request) -> Response:
    """A code typed from paper goes on to its result."""
    number, code = codes.read_typed(request.query_params.get("code", ""))
    return _onward(f"/e/{number}/{quote(code, safe='')}")


@router.api_route("/privacy", methods=["GET", "HEAD"])
async def privacy(request: Request) -> Response:
    """個人情報の扱い."""
    return _html(citizen_pages.PrivacyPage(city=_reception(request).city))


@router.api_route("/accessibility", methods=["GET", "HEAD"])
async def accessibility(request: Request) -> Response:
    """ウェブアクセシビリティ."""
    return _html(citizen_pages.AccessibilityPage(city=_reception(request).city))
