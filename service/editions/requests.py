"""What staff ask for: one strict model a command, the same for pages, API and the command line."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any, Literal, TypeVar

from pydantic import AfterValidator, Field, ValidationError

from service.content.letters import UNPRINTABLE, visible
from service.content.reading import pointer
from service.editions.preview_links import MOST_DAYS
from service.editions.preview_links import MOST_NOTE as MOST_LINK_NOTE
from service.errors import InvalidRequest
from service.guidance.answers import RawQuery
from service.guidance.requests import RequestBody, SaidAnswer

LAST_NUMBER = 2**53
LAST_YEAR = 9_000
MOST_NAME = 200
MOST_NOTE = 2_000

Request = TypeVar("Request", bound=RequestBody)
Number = Annotated[int, Field(ge=1, lt=LAST_NUMBER)]
Revision = Annotated[int, Field(ge=0, lt=LAST_NUMBER)]
Decisions = dict[str, Literal["mine", "theirs"]]


def _typed(text: str) -> str:
    text = visible(text.replace("\r\n", "\n")).strip()
    if UNPRINTABLE.search(text):
        raise ValueError("control characters")
    return text


def _name(text: str) -> str:
    if not (typed := _typed(text)):
        raise ValueError("empty")
    return typed


Name = Annotated[str, Field(min_length=1, max_length=MOST_NAME), AfterValidator(_name)]
Note = Annotated[str | None, Field(max_length=MOST_NOTE), AfterValidator(lambda text: _typed(text or "") or None)]
"""What a person typed as the reason; nothing but white space is none."""


class NewDraft(RequestBody):
    """A copy of an edition to work on; of the live one without `of`."""

    title: Name
    of: Number | None = None


class ItemChange(RequestBody):
    """One save: items as in the content document, keys to remove, and the revision that each was read at.

    An item or an option without a `key` is new and gets one, made from its name.
    """

    put: dict[str, list[dict[str, Any]]] = Field(default_factory=dict)
    remove: list[str] = Field(default_factory=list)
    revisions: dict[str, int] = Field(default_factory=dict)
    detach: bool = False
    note: Note = None


class Reverting(RequestBody):
    """Take back the change `seq`; with `key`, put that item back as it was before or after it (`side`).

    Without a `side` the item is put back as it was after the change, or before it where that removed it.
    """

    seq: Number
    key: str | None = None
    side: Literal["before", "after"] | None = None
    detach: bool = False
    note: Note = None


class Merging(RequestBody):
    """Bring in what was published; `decided` says for items in conflict whose side counts.

    `revision` is that of the draft on which the conflicts were looked at: what changed since is refused.
    """

    revision: Revision | None = None
    onto: Number | None = None
    decided: Decisions = Field(default_factory=dict)
    note: Note = None


class Updating(RequestBody):
    """Bring an amended law into a draft, a new one called `title` where none is named.

    `decided` says for items in conflict whose side counts.
    """

    title: Name | None = None
    decided: Decisions = Field(default_factory=dict)
    note: Note = None


class AmendedLaw(Updating):
    """The law of every city as a content document, without it the one that came with this program; and what lay beneath
    the edition before (`old`), where nobody knows it."""

    law: dict[str, Any] | None = None
    old: dict[str, Any] | None = None


class Confirming(RequestBody):
    """What the city has confirmed: all that is unconfirmed at `window`, or `groups` (none: all) of one `procedure`.

    `seen` is that of what was read: what changed since is refused.
    """

    window: str | None = None
    procedure: str | None = None
    groups: list[str] = Field(default_factory=list)
    seen: str | None = None
    note: Note = None


class Publication(RequestBody):
    """`seen` is the hash of the draft whose comparison was looked at; `at` a moment with its offset, now without.

    `decided` says for items in conflict with a scheduled edition whose side counts there: by key for the first edition
    in conflict, by `N/KEY` for edition N.
    """

    seen: str | None = None
    at: Annotated[datetime, Field(strict=False)] | None = None
    note: Note = None
    decided: Decisions = Field(default_factory=dict)


class Reason(RequestBody):
    """Why; the history keeps it. `decided` as in `Publication`, for what stands against a scheduled edition."""

    note: Note = None
    decided: Decisions = Field(default_factory=dict)


class NewScenario(RequestBody):
    """A household kept as a scenario of a draft: what it said, or the printed code of its guidance (`N-CODE`).

    It expects what applies to the household, and rules out the procedures that are named.
    """

    name: Name
    code: str | None = None
    life_events: list[str] = Field(default_factory=list)
    answers: list[SaidAnswer] = Field(default_factory=list)
    rules_out: list[str] = Field(default_factory=list)
    note: Note = None

    def raw(self) -> RawQuery:
        """What the household said, not yet read against an edition; days decide nothing of what applies."""
        return RawQuery(tuple(self.life_events), tuple(answer.raw() for answer in self.answers))


class NewPreviewLink(RequestBody):
    """A link to the preview of an edition: open for so many days, and whom it is for."""

    days: Annotated[int, Field(json_schema_extra={"minimum": 1, "maximum": MOST_DAYS})]
    note: Annotated[str, Field(json_schema_extra={"maxLength": MOST_LINK_NOTE})] = ""


class NewEdition(RequestBody):
    """What imported content becomes: a draft, or public at once.

    `decided` as in `Publication`, for what stands against a scheduled edition when it becomes public.
    """

    title: Name
    publish: bool = False
    decided: Decisions = Field(default_factory=dict)


class NewContent(NewEdition):
    """A content document as a new edition."""

    content: dict[str, Any]


MESSAGES = {
    ("NewDraft", "title"): f"下書きの名前を、{MOST_NAME}字までで書いてください。",
    ("Updating", "title"): f"下書きの名前を、{MOST_NAME}字までで書いてください。",
    ("NewScenario", "name"): f"試験ケースの名前を、{MOST_NAME}字までで書いてください。",
    ("ItemChange", "put"): "変更は {一覧の名前: [項目, …]} の形の JSON で書いてください。",
    ("NewEdition", "title"): f"版の名前を、{MOST_NAME}字までで書いてください。",
}


def read(model: type[Request], fields: Mapping[str, Any]) -> Request:
    """The request that a form or the command line makes. Errors: InvalidRequest naming the first wrong field."""
    try:
        return model.model_validate(fields)
    except ValidationError as error:
        place = error.errors()[0]["loc"]
        message = MESSAGES.get((model.__name__, str(place[0])), "この値は使えません。")
        if place[0] == "note":
            message = f"理由やメモは、制御文字を使わず、{MOST_NOTE}字までにしてください。"
        raise InvalidRequest(message, where=pointer(place)) from None
