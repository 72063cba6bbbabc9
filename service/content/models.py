"""The nouns: what an edition consists of, what a resident answers, what the guide says.

Items are pydantic models whose fields are exactly those of the content document
(`ops/design/content-format.md`), so one definition serves import, export, the catalogue and the API. Answers
and guidance are plain frozen data classes.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from types import MappingProxyType
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, field_validator, model_validator
from pydantic_core import PydanticCustomError

# Control characters other than tab and line feed, invisible line ends, and what XML 1.0 cannot hold.
UNPRINTABLE = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff]")
# Compatibility ideographs stand in names of people and places: Unicode would replace them, people would not.
_NAME_IDEOGRAPHS = re.compile("[\uf900-\ufaff\U0002f800-\U0002fa1f]")


def _readable(text: str) -> str:
    """The text unchanged; refuses what files, calendars and the database cannot hold or search."""
    found = UNPRINTABLE.search(text)
    if found:
        raise PydanticCustomError("unprintable", "unprintable {code}", {"code": f"U+{ord(found[0]):04X}"})
    if not text.isascii() and not unicodedata.is_normalized("NFC", _NAME_IDEOGRAPHS.sub("", text)):
        raise PydanticCustomError("decomposed", "not in Unicode normal form C")
    if not text.strip():
        raise PydanticCustomError("blank", "only blanks")
    return text


def _day(text: str) -> str:
    """The day unchanged; refuses days that no calendar has."""
    try:
        date.fromisoformat(text)
    except ValueError:
        raise PydanticCustomError("day", "no such day") from None
    return text


ItemKey = Annotated[str, Field(pattern=r"^[a-z0-9]+(?:-[a-z0-9]+)*$", max_length=120)]
OptionKey = Annotated[str, Field(pattern=r"^[a-z0-9]+(?:-[a-z0-9]+)*/[a-z0-9]+(?:-[a-z0-9]+)*$", max_length=240)]
Text = Annotated[str, Field(min_length=1, max_length=4000), AfterValidator(_readable)]
Url = Annotated[str, Field(pattern=r"^https?://[^\s]+$", max_length=2000), AfterValidator(_readable)]
Day = Annotated[str, Field(pattern=r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$"), AfterValidator(_day)]
Position = Annotated[int, Field(ge=-1_000_000, le=1_000_000)]
YesNo = Literal["yes", "no", "unknown"]


class Kind(StrEnum):
    """The kinds of items; the value is the label of the node."""

    LIFE_EVENT = "LifeEvent"
    QUESTION = "Question"
    OPTION = "Option"
    CONDITION = "Condition"
    PROCEDURE = "Procedure"
    DOCUMENT = "Document"
    WINDOW = "Window"
    TERM = "Term"
    LAW = "Law"
    SCENARIO = "Scenario"


KIND_OF_LIST: Mapping[str, Kind] = MappingProxyType(
    {
        "life_events": Kind.LIFE_EVENT,
        "questions": Kind.QUESTION,
        "conditions": Kind.CONDITION,
        "procedures": Kind.PROCEDURE,
        "documents": Kind.DOCUMENT,
        "windows": Kind.WINDOW,
        "terms": Kind.TERM,
        "laws": Kind.LAW,
        "scenarios": Kind.SCENARIO,
    }
)
"""The lists of the content document and what they hold; options stand inside their question."""


class Strict(BaseModel):
    """Immutable, and refuses what it does not know: an unknown field is an error, never ignored."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, populate_by_name=True)

    @model_validator(mode="before")
    @classmethod
    def _null_is_absent(cls, value: Any) -> Any:
        """An empty field (`needs:` and nothing behind it) says nothing; an unknown one is refused even so."""
        if not isinstance(value, dict) or None not in value.values():
            return value
        known = {field.alias or name for name, field in cls.model_fields.items()}
        return {name: entry for name, entry in value.items() if entry is not None or name not in known}


class LifeEvent(Strict):
    """Why the resident came; `date_label` is what its day is called, absent where no day is asked."""

    key: ItemKey
    name: Text
    summary: Text | None = None
    icon: Text | None = None
    position: Position = 0
    date_label: Text | None = None


class Option(Strict):
    """What can be answered; its key is the question's key, a slash, and its own."""

    key: OptionKey
    label: Text
    help: Text | None = None

    @property
    def own_key(self) -> str:
        """The part after the slash, as addresses name it."""
        return self.key.partition("/")[2]


class Question(Strict):
    """What is asked; `asked_after` are options, any of which makes it ready."""

    key: ItemKey
    text: Text
    kind: Literal["one", "many"]
    options: list[Option]
    help: Text | None = None
    section: Text | None = None
    position: Position = 0
    unsure: bool = True
    asked_after: list[OptionKey] = []


class Condition(Strict):
    """A row of a decision table: every clause of `requires`, none of `excludes` → `selects` and `needs`."""

    key: ItemKey
    label: Text
    life_events: list[ItemKey] = Field(min_length=1)
    requires: list[list[OptionKey]] = []
    excludes: list[OptionKey] = []
    selects: list[ItemKey] = []
    needs: list[ItemKey] = []


class Deadline(Strict):
    """By when: `ops/design/graph.md` says what each field means. `first_day_counts` None is unknown."""

    value: int | None = Field(default=None, ge=0, le=10_000)
    unit: Literal["day", "month", "year", "day_before", "day_of_previous_month"] | None = None
    from_: Text | None = Field(default=None, alias="from")
    from_event: ItemKey | None = None
    first_day_counts: bool | None = None
    next_opening_day: YesNo = "unknown"
    kind: Literal["legal", "claim", "irreversible", "before_action", "practical", "none"] = "legal"
    note: Text | None = None

    @field_validator("first_day_counts", mode="before")
    @classmethod
    def _unknown_is_none(cls, value: Any) -> Any:
        """`unknown` may be written as a word."""
        return None if value == "unknown" else value


class Method(Strict):
    """Whether a way of applying is open, with a note; may be written as the bare word."""

    is_: YesNo = Field(alias="is")
    note: Text | None = None

    @model_validator(mode="before")
    @classmethod
    def _bare_word(cls, value: Any) -> Any:
        """`yes` means `{is: yes}`."""
        return {"is": value} if isinstance(value, str) else value


METHODS = ("postal", "proxy", "online", "prepare_in_advance")
UNKNOWN = Method.model_validate("unknown")


class Procedure(Strict):
    """What the resident has to do. Scope `example` is another city's practice: see `as_residents_see`."""

    key: ItemKey
    name: Text
    reading: Text | None = None
    synonyms: list[Text] = []
    summary: Text | None = None
    nature: Literal["duty", "benefit", "option"] = "duty"
    field: Text | None = None
    url: Url | None = None
    online_url: Url | None = None
    form_url: Url | None = None
    postal: Method = UNKNOWN
    proxy: Method = UNKNOWN
    online: Method = UNKNOWN
    prepare_in_advance: Method = UNKNOWN
    fee: Text | None = None
    duration_minutes: int | None = Field(default=None, ge=0, le=100_000)
    deadline: Deadline | None = None
    consequence: Text | None = None
    note: Text | None = None
    status: Literal["verified", "unverified"] = "unverified"
    source: Text | None = None
    source_url: Url | None = None
    checked_on: Day | None = None
    review_by: Day | None = None
    scope: Literal["national", "prefecture", "city", "example"] = "city"
    needs: list[ItemKey] = []
    handled_at: list[ItemKey] = []
    follows: list[ItemKey] = []
    governed_by: list[ItemKey] = []


class Document(Strict):
    """What has to be brought."""

    key: ItemKey
    name: Text
    help: Text | None = None
    copies: int | None = Field(default=None, ge=1, le=1_000)
    who_has_it: Text | None = None
    form_url: Url | None = None


class Window(Strict):
    """Where a procedure is done. `walking_order` is absent for places outside the city hall."""

    key: ItemKey
    name: Text
    building: Text | None = None
    floor: Text | None = None
    counter: Text | None = None
    phone: Text | None = None
    email: Text | None = None
    hours: Text | None = None
    closed: Text | None = None
    walking_order: Position | None = None
    map_url: Url | None = None
    status: Literal["verified", "unverified"] = "unverified"
    source_url: Url | None = None
    checked_on: Day | None = None


class Term(Strict):
    """An administrative word that is explained."""

    key: ItemKey
    term: Text
    reading: Text | None = None
    meaning: Text


class Law(Strict):
    """What a procedure rests on."""

    key: ItemKey
    name: Text
    article: Text | None = None
    url: Url | None = None
    in_force_from: Day | None = None
    in_force_until: Day | None = None


class Scenario(Strict):
    """A made-up household with its expected result."""

    key: ItemKey
    name: Text
    life_events: list[ItemKey] = Field(min_length=1)
    answers: dict[ItemKey, list[OptionKey] | Literal["unsure"]] = {}
    expects: list[ItemKey] = []
    rules_out: list[ItemKey] = []
    note: Text | None = None


class Content(Strict):
    """One edition as one document (`ops/design/content-format.md`)."""

    format: Literal[1]
    life_events: list[LifeEvent] = []
    questions: list[Question] = []
    conditions: list[Condition] = []
    procedures: list[Procedure] = []
    documents: list[Document] = []
    windows: list[Window] = []
    terms: list[Term] = []
    laws: list[Law] = []
    scenarios: list[Scenario] = []


@dataclass(frozen=True, slots=True)
class Edition:
    """One complete version of the content, as its node tells."""

    number: int
    title: str
    state: str
    scheduled: bool
    created_at: datetime
    published_at: datetime | None
    content_hash: str | None
    base: int | None = None
    revision: int = 0
    created_by: str = ""
    published_by: str | None = None
    archived: bool = False


@dataclass(frozen=True, slots=True)
class Outline:
    """What answers are read against: all life events by position and all questions by key, of one edition."""

    edition: int
    life_events: dict[str, LifeEvent]
    questions: dict[str, Question]


@dataclass(frozen=True, slots=True)
class Answer:
    """What a resident said to one question: option keys in option order, or unsure (then no options)."""

    question: str
    options: tuple[str, ...] = ()
    unsure: bool = False


@dataclass(frozen=True, slots=True)
class Reason:
    """A condition that lists a procedure; `waits_for` are the questions that an open one waits for."""

    condition: str
    label: str
    state: Literal["true", "open"]
    waits_for: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class NeededDocument:
    """A document of a listed procedure; `labels` are the conditions that bring it (empty: always needed)."""

    document: str
    status: Literal["needed", "may_be_needed"]
    labels: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Listed:
    """A procedure of the guidance, why, and what to bring."""

    procedure: str
    status: Literal["applies", "may_apply"]
    documents: tuple[NeededDocument, ...] = ()
    because: tuple[Reason, ...] = ()


@dataclass(frozen=True, slots=True)
class Guidance:
    """What the guide says to life events and answers, on one edition; `listed` is sorted by key."""

    edition: int
    life_events: tuple[str, ...]
    answers: tuple[Answer, ...]
    next_question: str | None
    questions_left_at_most: int
    listed: tuple[Listed, ...]


@dataclass(frozen=True, slots=True)
class Clause:
    """One clause of a condition (an exclusion is a negated one of one option) and what decided it."""

    options: tuple[str, ...]
    negated: bool
    state: Literal["true", "open", "false"]
    answers: tuple[Answer, ...] = ()


@dataclass(frozen=True, slots=True)
class ExplainedCondition:
    """A condition of the chosen life events that selects the procedure, clause by clause."""

    condition: str
    label: str
    state: Literal["true", "open", "false"]
    clauses: tuple[Clause, ...]


@dataclass(frozen=True, slots=True)
class Explanation:
    """Why a procedure is or is not listed."""

    edition: int
    procedure: str
    status: Literal["applies", "may_apply", "not_listed"]
    conditions: tuple[ExplainedCondition, ...]
