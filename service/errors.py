"""The one family of errors: raised in the domain, told once in `app` and in the commands."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any


class GuideError(Exception):
    """What happened, to what, and what to do, in words that a resident or an official can read.

    `status` is the HTTP status of the answer, `code` a stable English name for programs, `remedy` what those who write
    programs can do (for `ops/errors.md`), `where` a JSON Pointer into the request (empty where none applies).
    `retry_seconds`: after how many seconds the same request may succeed, where that can be said.
    """

    status = 500
    code = "internal"
    retry_seconds: int | None = None
    remedy = "Report it with the reference on the page"

    def __init__(self, message: str, *, where: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.where = where

    def details(self) -> dict[str, Any]:
        """What a program needs beside the message to go on, as plain data; empty where there is nothing."""
        return {}


class InvalidRequest(GuideError):
    """The request cannot be understood; `where` names the culprit."""

    status = 422
    code = "invalid"
    remedy = "Correct the request"


class Forbidden(GuideError):
    """The actor may not do that; the message says whom to ask."""

    status = 403
    code = "forbidden"
    remedy = "The message says whom to ask"


class NotFound(GuideError):
    """There is nothing at that address, or it was never public."""

    status = 404
    code = "not_found"
    remedy = "Check key, code and number"


class OtherContent(NotFound):
    """A printed code is typed right, but the content it was made from is not here, as may be after a restore."""

    code = "other_content"
    remedy = "Begin anew, or import the content that it was made from"

    def __init__(self, edition_number: int) -> None:
        super().__init__(
            f"この番号は、ここにある案内とは内容の違う「第{edition_number}版」で作られたものなので、開けません。"
            "別の答えとして開かないように、止めています。紙に書かれた内容は、印刷したときのものです。"
            "お手数ですが、はじめからもう一度お答えください。"
        )


class Archived(GuideError):
    """The edition was live once and has left the graph; only its content can be read."""

    status = 410
    code = "archived"
    remedy = "Ask for another edition, or for none (the live one). `/api/v1/editions/N/content` still has its content"


class TooLarge(GuideError):
    """The request is larger than this service reads."""

    status = 413
    code = "too_large"
    remedy = "Send less"


class TooSlow(GuideError):
    """The body of the request did not come in time."""

    status = 408
    code = "timeout"
    remedy = "Send it again"


class TooMany(GuideError):
    """More requests in a minute than one address may send."""

    status = 429
    code = "too_many"
    remedy = "Wait for the seconds that `Retry-After` names"


class Unavailable(GuideError):
    """The database does not answer; the same request may succeed later."""

    status = 503
    code = "unavailable"
    retry_seconds = 60
    remedy = "Try again later; see `ops/runbook.md`"


class Busy(GuideError):
    """More guidance that nobody asked for before is waited for than can be worked out in time; what is kept answers."""

    status = 503
    code = "busy"
    retry_seconds: int = 10
    remedy = 'Wait for the seconds that `Retry-After` names; see "The peak" in `ops/runbook.md`'

    def __init__(self) -> None:
        super().__init__(f"ただいま混み合っています。{self.retry_seconds}秒ほどおいて、もう一度お試しください。")


class Refused(GuideError):
    """A write that was understood and is not done, with the reason."""

    status = 409
    code = "refused"
    remedy = "The message says what stands against it"


class CannotStart(GuideError):
    """This machine lacks something, or something else holds it; the message says what to do."""

    status = 503
    code = "cannot_start"
    retry_seconds = 60
    remedy = "The message says what; `tetsuzuki doctor` looks at everything"


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing wrong with a content document: where it stands and what to do about it.

    `path` is a JSON Pointer into the document, `line` counts from 1 and is None where it is not known.
    """

    message: str
    path: str = ""
    key: str | None = None
    file: str | None = None
    line: int | None = None

    def __str__(self) -> str:
        file_and_line = ":".join(str(text) for text in (self.file, self.line) if text is not None)
        named = f"［{self.key}］" if self.key else ""
        return " ".join(text for text in (file_and_line, self.path, f"{named}{self.message}") if text)


class InvalidContent(GuideError):
    """A content document that is refused as a whole, with every problem in it."""

    status = 422
    code = "invalid_content"
    remedy = "Correct them and try again"

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__(f"内容に誤りが{len(problems)}件あります。直してから、もう一度取り込んでください。")
        self.problems = tuple(problems)

    def details(self) -> dict[str, Any]:
        """Every problem: `message`, `path` (a JSON Pointer into the document) and `key` of the item."""
        return {
            "problems": [
                {"message": problem.message, "path": problem.path, "key": problem.key} for problem in self.problems
            ]
        }
