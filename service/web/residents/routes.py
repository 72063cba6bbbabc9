"""The residents' pages. Everything that a page is about stands in its address; the process keeps nothing of anybody."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Literal
from urllib.parse import quote, urlencode

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from service import clock
from service.caching import Cache, Part
from service.content.models import Kind, Procedure, Term, Window
from service.guidance import cards, codes, forms, search
from service.guidance.answers import Why, read_address
from service.guidance.service import Advice, Reception, Visit
from service.web import previews, rendering
from service.web.residents import (
    calendar_entries,
    catalogue_pages,
    interview,
    interview_pages,
    layout,
    result_pages,
    results,
    why_pages,
)

router = APIRouter(include_in_schema=False)

PRIVATE = {"Cache-Control": "private, no-store", "X-Robots-Tag": "noindex"}
PUBLIC = {"Cache-Control": "public, max-age=60, stale-if-error=86400"}
PageCache = Part[tuple[object, ...], bytes]


def _reception(request: Request) -> Reception:
    """The doors of this request: those of a preview in a preview, else those of everybody."""
    preview = previews.found(request)
    if preview is not None:
        return preview.reception
    reception: Reception = request.app.state.reception
    return reception


def _params(request: Request) -> list[tuple[str, str]]:
    return request.query_params.multi_items()


def _html(request: Request, page: layout.CitizenPage, *, status: int = 200) -> Response:
    """The page; only addresses without a query are the same for everybody, whatever the query says of the visitor."""
    private = page.private or bool(request.scope["query_string"]) or previews.found(request) is not None
    return HTMLResponse(shown(request, page), status, PRIVATE if private else PUBLIC)


def shown(request: Request, page: layout.CitizenPage) -> str:
    """The page as HTML; in a preview marked as one, and leading on inside it."""
    preview = previews.found(request)
    if preview is None:
        return rendering.render(page)
    return rendering.render(replace(page, preview=preview.mark), root=preview.mark.root)


def _base(request: Request) -> str:
    return _reception(request).base(str(request.base_url)) + _root(request)


def _root(request: Request) -> str:
    """Where the addresses of this request's pages begin: nowhere but in a preview."""
    preview = previews.found(request)
    return preview.mark.root if preview else ""


def _onward(request: Request, address: str) -> Response:
    return RedirectResponse(_root(request) + address, 303, PRIVATE)


async def _kept(
    request: Request, visit: Visit, render: Callable[[], Awaitable[layout.CitizenPage]], *, about: str = ""
) -> Response:
    """The page, kept as bytes where nothing but the edition, the answers, what it is `about` and the day decides it."""
    query = visit.query
    if query.dates or query.dropped or visit.newer or visit.stale or previews.found(request):
        return _html(request, await render())
    cache: PageCache = request.app.state.pages
    key = (request.scope["path"], about, query.from_edition, query.life_events, query.answers, clock.today())
    body = cache.get(key)
    if body is None:
        body = rendering.render(await render()).encode()
        cache.put(key, body)
    return Response(body, 200, PRIVATE, "text/html; charset=utf-8")


@router.get("/")
async def home(request: Request) -> Response:
    """The beginning; `event` ticks life events, `none` tells that none was chosen."""
    reception = _reception(request)
    _, outline = await reception.outline()
    chosen = [value for name, value in _params(request) if name == "event"]
    missing = "none" in request.query_params
    return _html(request, interview_pages.home_page(reception.city, outline, missing=missing, chosen=chosen))


@router.get("/guide")
async def guide(request: Request) -> Response:
    """The next question, or on to the review; a submitted form goes on to the address of its answers."""
    reception, params = _reception(request), _params(request)
    if not any(name == "event" for name, _ in params):
        return _onward(request, "/?none=1")
    visit = await reception.visit(params)
    if forms.is_form(params):
        return await _submitted(request, visit)
    asked = request.query_params.get("ask")
    given = await reception.guided(visit)
    key = asked if asked in visit.outline.questions else given.guidance.next_question
    if key is None:
        return _onward(request, _same("/review", request))
    left = given.guidance.questions_left_at_most
    return await _kept(request, visit, lambda: _question(request, visit, key, left=left), about=key)


def _same(path: str, request: Request) -> str:
    """Another page at the same answers, also those that no longer count: it says so where this page only led on."""
    kept = [(name, value) for name, value in _params(request) if name != "ask"]
    return f"{path}?{urlencode(kept, safe=':,?')}"


def _read_form(request: Request, visit: Visit) -> forms.Submission:
    """What a form said, read on the edition that it was made from, and with that edition in its query."""
    if visit.before is not None:
        return forms.submitted(_params(request), visit.before)
    form = forms.submitted(_params(request), visit.outline)
    return replace(form, query=replace(form.query, from_edition=visit.edition.number))


def _after(path: str, request: Request, *, visit: Visit, form: forms.Submission) -> Response:
    """On to the address of a form's answers; what they make moot is said there."""
    given = read_address(_params(request), visit.before or visit.outline).answers
    gone = {one.question for one in form.query.dropped if one.why is Why.MOOT}
    return _onward(
        request, layout.address(path, form.query, moot=[answer for answer in given if answer.question in gone])
    )


async def _submitted(request: Request, visit: Visit) -> Response:
    form = _read_form(request, visit)
    if form.error is None or form.question not in visit.outline.questions:
        return _after("/guide", request, visit=visit, form=form)
    given = await _reception(request).guided(visit)
    left = given.guidance.questions_left_at_most
    page = await _question(request, visit, form.question, left=left, form=form)
    return _html(request, page, status=422)


async def _question(
    request: Request, visit: Visit, key: str, *, left: int, form: forms.Submission | None = None
) -> layout.CitizenPage:
    reception = _reception(request)
    terms = await reception.catalogue.terms_in(visit.edition.number, [key])
    changes = layout.dropped_notes(visit.changes if visit.newer else visit.query.dropped, visit.outline)
    kind: Literal["newer", "dropped"] = "newer" if visit.newer else "dropped"
    return interview_pages.question_page(
        reception.city,
        visit.outline,
        question=visit.outline.questions[key],
        query=visit.query,
        terms=terms.get(key, ()),
        left=left,
        back_url=interview.back_url(visit.query, visit.outline, before=key),
        chosen=form.chosen if form else None,
        error=form.error if form else None,
        notice=layout.Notice(kind, edition=visit.edition.number, dropped=changes) if changes else None,
    )


@router.get("/review")
async def review(request: Request) -> Response:
    """All answers, each to be changed, and the days of the life events."""
    reception, params = _reception(request), _params(request)
    visit = await reception.visit(params)
    form = _read_form(request, visit)
    if forms.is_form(params) and form.accepted:
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
        reception.city,
        visit.outline,
        query=replace(visit.query, dropped=visit.query.dropped + visit.changes),
        asked=order,
        left=left,
        back_url=interview.back_url(visit.query, visit.outline, before=None),
        typed=typed,
    )
    return _html(request, page, status=422 if form.date_errors else 200)


@router.get("/result")
async def result(request: Request) -> Response:
    """The list."""
    params = _params(request)
    if any(name.startswith("date-") for name, _ in params):
        return await review(request)
    visit = await _reception(request).visit(params)
    if forms.is_form(params):
        # 「ここまでの結果を見る」: what is ticked counts, and nothing ticked is no error here
        return _after("/result", request, visit=visit, form=_read_form(request, visit))
    return await _kept(request, visit, lambda: _result(request, visit))


async def _result(request: Request, visit: Visit, *, code: str | None = None) -> layout.CitizenPage:
    reception = _reception(request)
    advice = await reception.advice(visit)
    groups = results.groups(advice, today=clock.today())
    return result_pages.result_page(
        reception.city,
        visit.outline,
        edition=visit.edition,
        query=visit.query,
        guidance=advice.given.guidance,
        groups=groups,
        rendered=results.rendered(groups, _cards(request)),
        code=advice.code,
        base=f"/e/{visit.edition.number}/{code}" if code and not visit.archived else None,
        notice=await _pinned_notice(request, advice) if code else results.notice(advice),
    )


def _cards(request: Request) -> results.CardCache:
    """Where rendered cards are kept; those of a preview nowhere."""
    cache: results.CardCache = request.app.state.cards
    return results.card_cache(Cache(0)) if previews.found(request) else cache


async def _pinned_notice(request: Request, advice: Advice) -> layout.Notice | None:
    visit = advice.visit
    if visit.archived:
        return results.notice(advice)
    live = await _reception(request).live.edition()
    if live.number == visit.edition.number:
        return None
    published = visit.edition.published_at
    return layout.Notice(
        "pinned",
        url=layout.address("/result", visit.query),
        edition=visit.edition.number,
        published=published.date() if published else None,
    )


@router.get("/sheet")
async def sheet(request: Request) -> Response:
    """The list on paper."""
    visit = await _reception(request).visit(_params(request))
    return await _kept(request, visit, lambda: _sheet(request, visit), about=_base(request))


async def _sheet(request: Request, visit: Visit, *, pinned: bool = False) -> layout.CitizenPage:
    reception = _reception(request)
    advice = await reception.advice(visit)
    base = _base(request)
    path = f"/e/{visit.edition.number}/{advice.code}"
    return result_pages.sheet_page(
        reception.city,
        visit.outline,
        edition=visit.edition,
        query=visit.query,
        groups=results.groups(advice, today=clock.today()),
        code=advice.code,
        pinned_url=base + path,
        today=clock.today(),
        result_url=path if pinned else None,
        notice=await _pinned_notice(request, advice) if pinned else None,
    )


@router.get("/result.ics")
async def calendar(request: Request) -> Response:
    """The days of the list as calendar entries."""
    reception = _reception(request)
    visit = await reception.visit(_params(request))
    advice = await reception.advice(visit)
    base = _base(request)
    body = calendar_entries.calendar(
        advice.details.procedures, advice.dues, edition=visit.edition, city=reception.city.name, base=base
    )
    name = {"Content-Disposition": 'attachment; filename="tetsuzuki.ics"'}
    return Response(body, 200, PRIVATE | name, "text/calendar; charset=utf-8")


@router.get("/e/{number}/{code}")
async def pinned(request: Request, number: int, code: str) -> Response:
    """A result in exactly its edition, reopened from paper; of an archived one, the same answers on today's."""
    visit = await _reception(request).pinned(number, code)
    return _html(request, await _result(request, visit, code=code))


@router.get("/e/{number}/{code}/sheet")
async def pinned_sheet(request: Request, number: int, code: str) -> Response:
    """The sheet of a pinned result."""
    visit = await _reception(request).pinned(number, code)
    return _html(request, await _sheet(request, visit, pinned=True))


@router.get("/why")
async def why_list(request: Request) -> Response:
    """The procedures to ask 「この手続きは必要？」 about."""
    reception = _reception(request)
    visit = await reception.visit(_params(request))
    number = visit.edition.number
    procedures = await reception.catalogue.procedures(number)
    typed = request.query_params.get("q", "")[: search.MOST_LENGTH]
    if wanted := search.words(typed):
        found = search.found((await reception.catalogue.searchable(number)).procedures, wanted)
        procedures = {entry.key: procedures[entry.key] for entry in found}
    return _html(
        request,
        why_pages.why_list_page(reception.city, query=visit.query, words=typed, procedures=procedures.values()),
    )


@router.get("/why/{key}")
async def why(request: Request, key: str) -> Response:
    """Why one procedure is listed or not."""
    reception = _reception(request)
    visit = await reception.visit(_params(request))
    procedure = await reception.catalogue.item(visit.edition.number, key, Kind.PROCEDURE)
    explanation = await reception.why(visit, key)
    assert isinstance(procedure, Procedure)
    return _html(
        request,
        why_pages.why_page(
            reception.city, visit.outline, query=visit.query, procedure=procedure, explanation=explanation
        ),
    )


@router.get("/procedures")
async def procedures(request: Request) -> Response:
    """All procedures, by field and by life event."""
    reception = _reception(request)
    edition, outline = await reception.outline()
    entries = await reception.catalogue.entries(edition.number)
    by_event = {event: [entry.key for entry in entries if event in entry.life_events] for event in outline.life_events}
    return _html(
        request,
        catalogue_pages.procedures_page(
            reception.city, outline, procedures=await reception.catalogue.procedures(edition.number), by_event=by_event
        ),
    )


@router.get("/procedures/{key}")
async def procedure(request: Request, key: str) -> Response:
    """One procedure."""
    reception = _reception(request)
    edition, outline = await reception.outline()
    number, catalogue = edition.number, reception.catalogue
    own = await catalogue.item(number, key, Kind.PROCEDURE)
    assert isinstance(own, Procedure)
    entries = {entry.key: entry for entry in await catalogue.entries(number)}
    needs = await catalogue.needs(number, key)
    details = await catalogue.details(number, [key], [document for document, _ in needs])
    events = [event for name, event in outline.life_events.items() if name in entries[key].life_events]
    mentioned = await catalogue.terms_in(number, [key])
    bring = [
        cards.Bring(details.documents[document], not labels, labels)
        for document, labels in needs
        if document in details.documents
    ]
    page = catalogue_pages.procedure_page(
        reception.city,
        cards.facts(key, details),
        procedures=await catalogue.procedures(number),
        bring=bring,
        events=events,
        terms=mentioned.get(key, ()),
    )
    return _html(request, page)


@router.get("/windows/{key}")
async def window(request: Request, key: str) -> Response:
    """One window."""
    reception = _reception(request)
    edition, _ = await reception.outline()
    own = await reception.catalogue.item(edition.number, key, Kind.WINDOW)
    assert isinstance(own, Window)
    procedures = await reception.catalogue.procedures(edition.number)
    return _html(request, catalogue_pages.window_page(reception.city, own, procedures=procedures.values()))


@router.get("/terms")
async def terms(request: Request) -> Response:
    """用語集."""
    reception = _reception(request)
    edition, _ = await reception.outline()
    return _html(request, catalogue_pages.terms_page(reception.city, await reception.catalogue.terms(edition.number)))


@router.get("/terms/{key}")
async def term(request: Request, key: str) -> Response:
    """One term and the procedures that speak of it."""
    reception = _reception(request)
    edition, _ = await reception.outline()
    own = await reception.catalogue.item(edition.number, key, Kind.TERM)
    assert isinstance(own, Term)
    procedures = await reception.catalogue.procedures(edition.number)
    mentioned = await reception.catalogue.terms_in(edition.number, procedures)
    speaking = [one for name, one in procedures.items() if key in {term.key for term in mentioned[name]}]
    return _html(request, catalogue_pages.term_page(reception.city, own, procedures=speaking))


@router.get("/search")
async def find(request: Request) -> Response:
    """Search by names and words."""
    reception = _reception(request)
    edition, _ = await reception.outline()
    typed = request.query_params.get("q", "")[: search.MOST_LENGTH]
    wanted = search.words(typed)
    among = await reception.catalogue.searchable(edition.number)
    procedures = await reception.catalogue.procedures(edition.number)
    page = catalogue_pages.search_page(
        reception.city,
        words=typed,
        procedures=[procedures[entry.key] for entry in search.found(among.procedures, wanted)],
        terms=search.found(among.terms, wanted),
        windows=search.found(among.windows, wanted),
    )
    return _html(request, page)


@router.get("/code")
async def typed_code(request: Request) -> Response:
    """A code typed from paper goes on to its result."""
    number, code = codes.read_typed(request.query_params.get("code", ""))
    return _onward(request, f"/e/{number}/{quote(code, safe='')}")


@router.get("/privacy")
async def privacy(request: Request) -> Response:
    """個人情報の扱い."""
    return _html(request, layout.PrivacyPage(city=_reception(request).city))


@router.get("/accessibility")
async def accessibility(request: Request) -> Response:
    """ウェブアクセシビリティ."""
    return _html(request, layout.AccessibilityPage(city=_reception(request).city))
