"""What a request of residents works with in this process, and the way from a query to all that its pages show."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from datetime import date

import structlog

from service import clock
from service.caching import PROCESS, Cache, Part
from service.content.basis import is_fact
from service.content.canonical import canonical
from service.content.models import Edition, Explanation, Kind, Listed, Outline, Procedure
from service.errors import Archived, GuideError, InvalidRequest, NotFound, OtherContent, Unavailable
from service.guidance import answers, codes, deadlines, order, replay, requests
from service.guidance.admission import Admission
from service.guidance.answers import Dropped, Query, RawQuery, Why
from service.guidance.deadlines import Due, OpeningDays
from service.guidance.engine import Given, Guide, NextQuestion
from service.guidance.municipality import Municipality
from service.guidance.order import Turn
from service.settings import Settings
from service.store import archive_documents, editions, planning
from service.store.catalogue import OUTLINE_BYTES, Catalogue, Details
from service.store.editions import Live
from service.store.graph import Graph

Params = Sequence[tuple[str, str]]

MOST_BASE = 300
WARMING_SECONDS = 1.0
PLANNING_SECONDS = 10.0
PLANNING_ROUNDS = 12
"""Every two minutes, and soon after another edition went live, the plans of the database are looked through."""
ONE_REQUEST_BYTES = 16 * 1024 * 1024
"""What one request of a preview may keep until it is answered."""

log = structlog.get_logger("guidance")


@contextmanager
def _logging_failures(work: str) -> Iterator[None]:
    """What nobody foresaw in the background is logged by its kind, and the work goes on: nobody waits for its error."""
    try:
        yield
    except GuideError:
        raise
    except Exception as error:
        log.error("background", work=work, error=type(error).__name__)


@dataclass(frozen=True, slots=True)
class Visit:
    """A query read on an edition; `changes` are the answers that a newer edition no longer understands.

    `before` is the outline of the older edition that it was begun on, and `said` the query as it was read there.
    `stale`: the database was away when the query was read (it may come back before the page is made). `archived`: the
    edition of the printed code that it was read from, where that has left the graph. `unknown`: the answers say that
    they were given on content that is not here.
    """

    edition: Edition
    outline: Outline
    query: Query
    changes: tuple[Dropped, ...] = ()
    before: Outline | None = None
    said: Query | None = None
    stale: bool = False
    archived: Edition | None = None
    unknown: bool = False

    @property
    def newer(self) -> bool:
        """Whether a newer edition went live since it was begun."""
        return self.before is not None


@dataclass(frozen=True, slots=True)
class Advice:
    """All that a result shows: the guidance, its items, its days, turns and order. `stale`: the database is away.

    `gone` and `added` are the names of the procedures that the same resident's list lost and won when a newer edition
    went live during the questions.
    """

    visit: Visit
    given: Given
    details: Details
    dues: Mapping[str, Due]
    turns: Mapping[str, Turn]
    must: tuple[Listed, ...]
    gain: tuple[Listed, ...]
    maybe: tuple[Listed, ...]
    no_action: tuple[Listed, ...]
    code: str
    stale: bool = False
    gone: tuple[str, ...] = ()
    added: tuple[str, ...] = ()


class OneEdition:
    """In place of `Live` in a preview: exactly one edition, as it was read a moment ago."""

    away = False

    def __init__(self, edition: Edition) -> None:
        self._edition = edition

    async def edition(self) -> Edition:
        """The edition of the preview."""
        return self._edition

    async def numbered(self, number: int) -> Edition:
        """The edition of the preview. Errors: NotFound for any other number."""
        if number != self._edition.number:
            raise NotFound(f"第{number}版は、このプレビューでは見られません。", where="/edition")
        return self._edition

    async def still(self, number: int) -> None:
        """Nothing: what is still to come is in the graph."""


@dataclass(slots=True)
class GuidanceService:
    """One per process: the doors that requests go through; what they read is kept in `cache`."""

    graph: Graph
    settings: Settings
    city: Municipality
    calendar: OpeningDays
    cache: Cache = PROCESS
    shares: bool = True
    live: Live | OneEdition = field(init=False)
    catalogue: Catalogue = field(init=False)
    admission: Admission = field(init=False)
    guide: Guide = field(init=False)
    warm: bool = False
    _archived: Part[int, Outline] = field(init=False)

    def __post_init__(self) -> None:
        self.live = Live(self.graph, forget=self.cache.clear)
        self.catalogue = Catalogue(self.graph, self.cache)
        self._archived = self.cache.part(lambda outline: OUTLINE_BYTES * len(outline.questions))
        self.admission = Admission(self.settings.guidance_seconds)
        self.guide = Guide(self.graph, self.cache, self.admission, shares=self.shares)

    def only(self, edition: Edition) -> GuidanceService:
        """Doors on exactly that edition, for one request: nothing is taken from what is kept, nothing is kept after it.

        Drafts change, so each request of a preview reads what there is then.
        """
        service = GuidanceService(
            self.graph, self.settings, self.city, self.calendar, Cache(ONE_REQUEST_BYTES), shares=False
        )
        service.live = OneEdition(edition)
        return service

    async def outline(self, number: int | None = None) -> tuple[Edition, Outline]:
        """The edition with that number (the live one without) and its outline.

        Errors: NotFound, Archived, Unavailable.
        """
        edition = await (self.live.edition() if number is None else self.live.numbered(number))
        if edition.archived:
            raise editions.gone(edition.number)
        outline = await self.catalogue.outline(edition.number)
        await self.live.still(edition.number)
        return edition, outline

    async def document(self, edition: Edition) -> bytes:
        """The canonical document of an edition that is or was live, out of the graph or out of the archive."""
        if not edition.archived:
            body = await asyncio.to_thread(canonical, await self.catalogue.content(edition.number))
            with suppress(Archived):
                await self.live.still(edition.number)
                return body
        return await archive_documents.document(self.graph, edition.number)

    async def visit(self, params: Params) -> Visit:
        """The query of an address on the live edition, carried over if it was begun on another one.

        Answers that its life events ask for nowhere are dropped: they are left from other ones. Where it was begun on
        content that is not here, its answers are taken as they are, and it is `unknown`.
        Errors: NotFound without a life event that the edition has.
        """
        edition, outline = await self.outline()
        query = answers.read_address(params, outline)
        if query.from_edition is None or _is_name_of(query.from_edition, edition):
            return await self._counting(self._visit(edition, outline, query))
        old_outline = await self._outline_of(query.from_edition)
        if old_outline is None:
            return await self._counting(replace(self._visit(edition, outline, query), unknown=True))
        old_query = answers.read_address(params, old_outline)
        carried = replay.replay(old_query, old_outline, new=outline)
        visit = self._visit(edition, outline, carried.query)
        return await self._counting(replace(visit, changes=carried.changes, before=old_outline, said=old_query))

    async def _counting(self, visit: Visit) -> Visit:
        """The visit without the answers that its life events ask for nowhere."""
        query = visit.query
        if not query.answers:
            return visit
        asked = await self.guide.questions(visit.edition.number, query.life_events)
        kept = tuple(answer for answer in query.answers if answer.question in asked)
        left = [answer.question for answer in query.answers if answer.question not in asked]
        dropped = tuple(answers.drop(key, Why.NOT_ASKED, question=key) for key in left)
        return replace(visit, query=replace(query, answers=kept, dropped=(*query.dropped, *dropped))) if left else visit

    def _visit(self, edition: Edition, outline: Outline, query: Query) -> Visit:
        """The visit of the query on that edition; its addresses say from now on that it was begun there."""
        return Visit(edition, outline, replace(query, from_edition=edition.name), stale=self.live.away)

    async def _outline_of(self, name: str) -> Outline | None:
        """The outline of the edition with that name, also of an archived one; None where its content is not here."""
        edition_number = int(name.partition("-")[0])
        try:
            edition, outline = await self.outline(edition_number)
        except NotFound:
            return None
        except Archived:
            edition, outline = await self.live.numbered(edition_number), await self._archived_outline(edition_number)
        return outline if _is_name_of(name, edition) else None

    async def _archived_outline(self, number: int) -> Outline:
        async def read() -> Outline:
            # Unpacking and reading half a megabyte takes a while, in which others are to be answered.
            document = await archive_documents.document(self.graph, number)
            return await asyncio.to_thread(archive_documents.outline, document, number)

        return await self._archived.fetch(number, read)

    async def requested(self, raw: RawQuery, number: int | None = None) -> Visit:
        """What a program asks, on the edition with that number (the live one without).

        Errors: InvalidRequest for the first thing that is not possible; NotFound, Archived, Unavailable.
        """
        edition, outline = await self.outline(number)
        return Visit(edition, outline, requests.read_strictly(raw, outline))

    async def pinned(self, number: int, code: str) -> Visit:
        """The query of a printed code, in exactly its edition; where that is archived, carried over to the live one.

        A code of another content under that number, or of a number that is not here, is one of another store, such as
        the one before a restore: where it was made from the content that is live, it is read on the live edition.
        Errors: NotFound for a code that is none, and where today's edition has none of its life events; OtherContent.
        """
        codes.checked(code, number)
        try:
            return await self._visit_of_number(number, code)
        except OtherContent:
            return await self._visit_of_same_content(number, code)

    async def _visit_of_number(self, number: int, code: str) -> Visit:
        try:
            edition, outline = await self.outline(number)
        except Archived:
            return await self._visit_of_archived(await self.live.numbered(number), code)
        except NotFound:
            raise OtherContent(number) from None
        life_events, answers_given = codes.decode(code, edition, outline)
        return self._visit(edition, outline, Query(life_events, answers_given))

    async def _visit_of_same_content(self, number: int, code: str) -> Visit:
        edition, outline = await self.outline()
        life_events, answers_given = codes.decode(code, replace(edition, number=number), outline)
        return self._visit(edition, outline, Query(life_events, answers_given))

    async def _visit_of_archived(self, archived: Edition, code: str) -> Visit:
        old_outline = await self._archived_outline(archived.number)
        old_query = Query(*codes.decode(code, archived, old_outline))
        edition, outline = await self.outline()
        carried = replay.replay(old_query, old_outline, new=outline)
        visit = self._visit(edition, outline, carried.query)
        return replace(visit, changes=carried.changes, before=old_outline, said=old_query, archived=archived)

    async def guided(self, visit: Visit) -> Given:
        """The guidance of a visit, kept or from the graph."""
        query = visit.query
        return await self.guide.guide(visit.edition.number, query.life_events, query.answers)

    async def next_question(self, visit: Visit) -> NextQuestion:
        """What a visit is asked next, kept or from the graph."""
        query = visit.query
        return await self.guide.next_question(visit.edition.number, query.life_events, query.answers)

    async def advice(self, visit: Visit) -> Advice:
        """Everything that a result shows. Errors: Archived; Unavailable when the database is away and nothing kept."""
        given = await self.guided(visit)
        listed = given.guidance.listed
        documents = {need.document for procedure in listed for need in procedure.documents}
        details = await self.catalogue.details(
            visit.edition.number, [listed_procedure.procedure for listed_procedure in listed], sorted(documents)
        )
        today = clock.today()
        dues = self.dues(details.procedures, visit.query.dates, today=today)
        turns = order.turns(listed, details.procedures, dues=dues, predecessors=details.earlier, today=today)
        groups = order.ordered(listed, details.procedures, turns=turns, predecessors=details.earlier)
        gone, added = await self._lost_and_won(visit, details.procedures)
        await self.live.still(visit.edition.number)
        return Advice(
            visit=visit,
            given=given,
            details=details,
            dues=dues,
            turns=turns,
            must=tuple(groups[0]),
            gain=tuple(groups[1]),
            maybe=tuple(groups[2]),
            no_action=tuple(groups[3]),
            stale=visit.stale,
            gone=gone,
            added=added,
            code=codes.encode(visit.edition, visit.query.life_events, visit.query.answers, visit.outline),
        )

    async def _lost_and_won(
        self, visit: Visit, procedures_now: Mapping[str, Procedure]
    ) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """The names of what only the older edition lists for what was said there, and of what only today's lists.

        Nothing where no newer edition went live, or where the older one cannot be read any more.
        """
        if visit.before is None or visit.said is None:
            return (), ()
        older, older_query = visit.before.edition, visit.said
        try:
            await self.live.still(older)
            older_guidance = await self.guide.guide(older, older_query.life_events, older_query.answers)
            older_items = await self.catalogue.items(
                older, [listed.procedure for listed in older_guidance.guidance.listed]
            )
            await self.live.still(older)
        except (Archived, NotFound, Unavailable):
            return (), ()
        gone = tuple(
            procedure.name
            for key, procedure in older_items.items()
            if isinstance(procedure, Procedure) and key not in procedures_now
        )
        return gone, tuple(procedure.name for key, procedure in procedures_now.items() if key not in older_items)

    def dues(self, procedures: Mapping[str, Procedure], dates: Mapping[str, date], *, today: date) -> dict[str, Due]:
        """The days of the deadlines that are facts here and can be counted, and of fixed periods that are not over."""
        dues: dict[str, Due] = {}
        for key, procedure in procedures.items():
            deadline = procedure.deadline
            if deadline is None or not is_fact(procedure, "deadline"):
                continue
            due = deadlines.of_period(deadline, today, self.calendar)
            if deadline.period is None:
                due = deadlines.due(deadline, deadlines.event_day(deadline, dates), self.calendar)
            if due:
                dues[key] = due
        return dues

    async def why(self, visit: Visit, procedure: str) -> Explanation:
        """Why a procedure is or is not listed. Errors: NotFound, Archived, Unavailable."""
        query, edition_number = visit.query, visit.edition.number
        await self.catalogue.item(edition_number, procedure, Kind.PROCEDURE)
        explanation = await self.guide.explain(
            visit.outline, query.life_events, answers=query.answers, procedure=procedure
        )
        await self.live.still(edition_number)
        return explanation

    async def warm_up(self) -> None:
        """Answers a question and a result of every life event, then has every statement planned, and goes on with that:
        the database plans anew when what it holds has changed much, and nobody is to wait for it.

        It tries again until there is a database with a live edition, and ends with its task.
        """
        while not self.warm:
            with suppress(GuideError), _logging_failures("beginnings"):
                await self._answer_beginnings()
                self.warm = True
            if not self.warm:
                await asyncio.sleep(WARMING_SECONDS)
        while True:
            edition = await self._live()
            with _logging_failures("planning"):
                await planning.plan_ahead(self.graph)
            for _ in range(PLANNING_ROUNDS):
                await asyncio.sleep(PLANNING_SECONDS)
                if await self._live() != edition:
                    break

    async def _answer_beginnings(self) -> None:
        edition, outline = await self.outline()
        for event in outline.life_events:
            await self.advice(Visit(edition, outline, Query((event,), from_edition=edition.name)))
        await self.catalogue.terms_in(edition.number, outline.questions)

    async def _live(self) -> Edition | None:
        try:
            return await self.live.edition()
        except GuideError:
            return None

    def base(self, typed: str) -> str:
        """The address of the guide without a slash at its end: the setting, else what this visitor typed.

        Errors: InvalidRequest for one that no 2D code can hold.
        """
        base = self.settings.public_url or typed
        if len(base) > MOST_BASE:
            raise InvalidRequest("アドレスが長すぎます。")
        return base.rstrip("/")

    async def is_ready(self) -> bool:
        """Whether a question and a result of every life event were answered, and a live edition could be read from the
        database, a second ago at most."""
        return self.warm and await self._live() is not None and not self.live.away


def _is_name_of(name: str, edition: Edition) -> bool:
    """Whether the name that an address gives is of the content of this edition, whatever its number is by now."""
    return name.partition("-")[2] == edition.name.partition("-")[2]
