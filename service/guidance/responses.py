"""What the JSON API answers: pydantic models, from which OpenAPI is made.

Answers are built here from what the domain returns, so that a schema and its answer cannot differ. What it is asked is
in `service/guidance/requests.py`.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any, Generic, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field

from service.content.basis import as_residents_see, in_order, is_fact, is_told, official, to_ask
from service.content.models import (
    Answer,
    Basis,
    Clause,
    Day,
    Deadline,
    Edition,
    Explanation,
    ItemKey,
    Listed,
    ListedReason,
    Method,
    Procedure,
    Source,
    Strict,
    Text,
    Url,
    Window,
    YesNo,
)
from service.guidance.order import Stage
from service.guidance.service import Advice

Item = TypeVar("Item")
Truth = Literal["true", "open", "false"]


class ResponseBody(BaseModel):
    """An answer; every field is always there, null where nothing is known."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class ErrorBody(ResponseBody):
    """What went wrong; `where` is a JSON Pointer (RFC 6901) to the culprit, empty where there is none.

    `details` come with refused writes alone: both sides of a conflict, the findings that block, every problem.
    """

    code: str
    message: str
    where: str
    details: dict[str, Any] | None = None


class Failure(ResponseBody):
    """The answer to everything that is not done."""

    error: ErrorBody


class EditionName(ResponseBody):
    """Which edition an answer comes from; equal hashes are equal editions."""

    number: int
    hash: str


class PublicEdition(ResponseBody):
    """An edition that is or was live."""

    number: int
    hash: str
    title: str
    published_at: datetime
    live: bool


class Listing(ResponseBody, Generic[Item]):
    """All items of one kind of an edition."""

    edition: EditionName
    items: list[Item]


class OneItem(ResponseBody, Generic[Item]):
    """One item of an edition."""

    edition: EditionName
    item: Item


class PublicDeadline(Deadline):
    """By when. `from_event` is the first of `from_events`; `next_opening_day` is never absent."""

    from_event: ItemKey | None = None  # type: ignore[assignment]  # v1 has one life event here
    from_events: list[ItemKey] = Field(default=[])
    next_opening_day: YesNo = "unknown"  # type: ignore[assignment]  # v1 says unknown in a word


class PublicProcedure(Procedure):
    """A procedure as residents see it: what is no fact in this city is null, also `needs` where they are unknown.

    `to_ask` names the groups of facts to ask about. `consequence`, `status`, `source`, `source_url`, `checked_on` and
    `scope` follow from `if_late`, `sources` and `basis`, for programs that know only these.
    """

    deadline: PublicDeadline | None = None
    handled_at: list[ItemKey] = Field(default=[])
    governed_by: list[ItemKey] = Field(default=[])
    to_ask: list[str] = Field(default=[])
    consequence: Text | None = None
    status: Literal["verified", "unverified"] = "unverified"
    source: Text | None = None
    source_url: Url | None = None
    checked_on: Day | None = None
    scope: Literal["national", "prefecture", "city", "example"] = "city"


class PublicWindow(Window):
    """A window; `status`, `source_url` and `checked_on` follow from `basis` and `sources`."""

    status: Literal["verified", "unverified"] = "unverified"
    source_url: Url | None = None
    checked_on: Day | None = None


class CountedDeadline(PublicDeadline):
    """By when. The three days are null unless the request has the day that they are counted from.

    `last_day` is the last day by counting, `accepted_until` the next opening day where it is still
    accepted then, `go_by` the last opening day that is not after `last_day`: the day to plan with.
    """

    last_day: date | None = None
    accepted_until: date | None = None
    go_by: date | None = None


class DocumentResponse(ResponseBody):
    """What to bring."""

    key: str
    name: str
    status: Literal["needed", "may_be_needed"]


class ReasonResponse(ResponseBody):
    """Why a procedure is listed; `waits_for` are the questions that decide an open one."""

    condition: str
    label: str
    state: Literal["true", "open"]
    waits_for: list[str]


class ProcedureResponse(ResponseBody):
    """A listed procedure. `documents_known` tells that it needs none from that nobody knows them in this city.

    `basis` says what each group of facts rests on, `to_ask` which of them a resident has to ask about; `done_with` are
    procedures whose form or visit settles it. `stage` is its place in the timeline, seen from today. What asks nothing
    (`not_needed`, `information`) stands last.
    """

    key: str
    name: str
    status: Literal["applies", "may_apply"]
    nature: Literal["duty", "benefit", "option", "not_needed", "information"]
    summary: str | None
    documents: list[DocumentResponse]
    documents_known: bool
    because: list[ReasonResponse]
    deadline: CountedDeadline | None
    windows: list[str]
    fee: str | None
    url: str | None
    online_url: str | None
    form_url: str | None
    postal: Method
    proxy: Method
    online: Method
    prepare_in_advance: Method
    follows: list[str]
    scope: Literal["national", "prefecture", "city", "example"]
    verified: bool
    basis: Basis
    sources: list[Source]
    to_ask: list[str]
    amount: str | None
    if_late: str | None
    done_with: list[str]
    stage: Stage


class GuidanceAnswer(ResponseBody):
    """What to do (duties, then what one may claim or choose, then what may apply) and what to ask next.

    `next_question` null means that the result is final. `code` reopens it on exactly this edition.
    """

    edition: EditionName
    next_question: str | None
    questions_left_at_most: int
    procedures: list[ProcedureResponse]
    code: str


class ChosenAnswer(ResponseBody):
    """An answer that decided a clause by what was chosen."""

    question: str
    options: list[str]


class UnsureAnswer(ResponseBody):
    """An answer that left a clause open."""

    question: str
    unsure: Literal[True]


class ClauseResponse(ResponseBody):
    """Options of which one has to be chosen; of a negated clause, none."""

    options: list[str]
    negated: bool
    state: Truth
    answers: list[ChosenAnswer | UnsureAnswer]


class ConditionResponse(ResponseBody):
    """A condition of the chosen life events that selects the procedure."""

    condition: str
    label: str
    state: Truth
    clauses: list[ClauseResponse]


class WhyAnswer(ResponseBody):
    """Why a procedure is or is not listed."""

    edition: EditionName
    procedure: str
    status: Literal["applies", "may_apply", "not_listed"]
    conditions: list[ConditionResponse]


def edition_name(edition: Edition) -> EditionName:
    """Number and hash of a published edition."""
    return EditionName(number=edition.number, hash=edition.content_hash or "")


def public_procedure(procedure: Procedure) -> PublicProcedure:
    """The procedure without what is no fact in this city, with the older names of its fields."""
    public = as_residents_see(procedure)
    source = _first_source(public.sources)
    return PublicProcedure.model_construct(
        **dict(public)
        | {
            "deadline": PublicDeadline.model_construct(**_public_deadline(public.deadline))
            if public.deadline
            else None,
            "handled_at": public.handled_at or [],
            "governed_by": public.governed_by or [],
            "to_ask": list(to_ask(procedure)),
            "consequence": public.if_late,
            "status": _status(procedure),
            "source": source.title,
            "source_url": source.url,
            "checked_on": source.checked_on,
            "scope": _scope(procedure),
        }
    )


def public_item(item: Strict) -> Strict:
    """Any item as residents see it."""
    if isinstance(item, Procedure):
        return public_procedure(item)
    if isinstance(item, Window):
        sources = official(item.sources or [])
        source = _first_source(sources)
        older = {
            "status": "verified" if item.basis in ("law", "city") else "unverified",
            "source_url": source.url,
            "checked_on": source.checked_on,
        }
        return PublicWindow.model_construct(**dict(item) | {"sources": sources or None} | older)
    return item


def public_model(model: type[Strict]) -> type[Strict]:
    """The model of what `public_item` makes of an item."""
    if issubclass(model, Procedure):
        return PublicProcedure
    return PublicWindow if issubclass(model, Window) else model


def _first_source(sources: list[Source] | None) -> Source:
    return sources[0] if sources else Source.model_construct()


def _status(procedure: Procedure) -> Literal["verified", "unverified"]:
    return "unverified" if to_ask(procedure) else "verified"


def _scope(procedure: Procedure) -> Literal["national", "city", "example"]:
    """What its duty rests on, in the words of before."""
    if procedure.basis.duty == "law":
        return "national"
    return "city" if is_fact(procedure, "duty") else "example"


def _public_deadline(deadline: Deadline) -> dict[str, Any]:
    events = deadline.from_event or []
    moves: YesNo = "yes" if deadline.runs_on else "no"
    return dict(deadline) | {
        "from_event": events[0] if events else None,
        "from_events": events,
        "next_opening_day": moves,
    }


def guidance_answer(advice: Advice) -> GuidanceAnswer:
    """The answer that says what a result page says, in its order."""
    guidance = advice.given.guidance
    return GuidanceAnswer(
        edition=edition_name(advice.visit.edition),
        next_question=guidance.next_question,
        questions_left_at_most=guidance.questions_left_at_most,
        procedures=[procedure_response(listed, advice) for listed in _in_order(advice)],
        code=advice.code,
    )


def procedure_response(listed: Listed, advice: Advice) -> ProcedureResponse:
    """A listed procedure with what the edition says of it and the days of its deadline."""
    procedure = advice.details.procedures[listed.procedure]
    public = as_residents_see(procedure)
    return ProcedureResponse(
        key=public.key,
        name=public.name,
        status=listed.status,
        nature=public.nature,
        summary=public.summary,
        documents=_documents(listed, procedure, advice),
        documents_known=_documents_known(listed, procedure),
        because=[_reason(reason) for reason in listed.because],
        deadline=_deadline(public, advice),
        windows=public.handled_at or [],
        fee=public.fee,
        url=public.url,
        online_url=public.online_url,
        form_url=public.form_url,
        postal=public.postal,
        proxy=public.proxy,
        online=public.online,
        prepare_in_advance=public.prepare_in_advance,
        follows=public.follows,
        scope=_scope(procedure),
        verified=_status(procedure) == "verified",
        basis=public.basis,
        sources=public.sources or [],
        to_ask=_groups_to_ask(listed, procedure, advice),
        amount=public.amount,
        if_late=public.if_late,
        done_with=public.done_with,
        stage=advice.turns[public.key].stage,
    )


def _in_order(advice: Advice) -> Sequence[Listed]:
    return (*advice.must, *advice.gain, *advice.maybe, *advice.no_action)


def _documents_known(listed: Listed, procedure: Procedure) -> bool:
    """Whether it is a fact in this city what to bring."""
    return is_fact(procedure, "documents") and (procedure.needs is not None or bool(listed.documents))


def _documents(listed: Listed, procedure: Procedure, advice: Advice) -> list[DocumentResponse]:
    """What to bring; nothing where that is not known here."""
    if not _documents_known(listed, procedure):
        return []
    names = advice.details.documents
    return [
        DocumentResponse(key=need.document, name=names[need.document].name, status=need.status)
        for need in listed.documents
        if is_told(advice.details.documents[need.document])
    ]


def _groups_to_ask(listed: Listed, procedure: Procedure, advice: Advice) -> list[str]:
    """The groups to ask about; the papers too where only other municipalities ask for one of them."""
    documents = advice.details.documents
    documents_are_facts = is_fact(procedure, "documents")
    papers = (
        {"documents"}
        if documents_are_facts and not all(is_told(documents[need.document]) for need in listed.documents)
        else set()
    )
    return list(in_order({*to_ask(procedure), *papers}))


def _reason(reason: ListedReason) -> ReasonResponse:
    return ReasonResponse(
        condition=reason.condition, label=reason.label, state=reason.state, waits_for=list(reason.waits_for)
    )


def _deadline(procedure: Procedure, advice: Advice) -> CountedDeadline | None:
    if procedure.deadline is None:
        return None
    due = advice.dues.get(procedure.key)
    days = {"last_day": due.last_day, "accepted_until": due.accepted_until, "go_by": due.go_by} if due else {}
    return CountedDeadline.model_construct(**(_public_deadline(procedure.deadline) | days))


def why_answer(explanation: Explanation, edition: Edition) -> WhyAnswer:
    """The conditions of a procedure, clause by clause."""
    return WhyAnswer(
        edition=edition_name(edition),
        procedure=explanation.procedure,
        status=explanation.status,
        conditions=[
            ConditionResponse(
                condition=condition.condition,
                label=condition.label,
                state=condition.state,
                clauses=[_clause(clause) for clause in condition.clauses],
            )
            for condition in explanation.conditions
        ],
    )


def _clause(clause: Clause) -> ClauseResponse:
    return ClauseResponse(
        options=list(clause.options),
        negated=clause.negated,
        state=clause.state,
        answers=[_answer(answer) for answer in clause.answers],
    )


def _answer(answer: Answer) -> ChosenAnswer | UnsureAnswer:
    if answer.unsure:
        return UnsureAnswer(question=answer.question, unsure=True)
    return ChosenAnswer(question=answer.question, options=list(answer.options))


_PROBLEMS = {
    "missing": "必要な項目がありません。",
    "extra_forbidden": "この項目はありません。名前を確かめてください。",
    "json_invalid": "JSONとして読めません。",
    "string_type": "文字列で書いてください。",
    "list_type": "配列で書いてください。",
    "dict_type": "オブジェクトで書いてください。",
    "int_type": "整数で書いてください。",
    "int_parsing": "整数で書いてください。",
    "bool_type": "true か false で書いてください。",
}


def problem(kind: str) -> str:
    """What a program is told about a value that pydantic refuses with an error of this kind."""
    return _PROBLEMS.get(kind, "この値は使えません。")
