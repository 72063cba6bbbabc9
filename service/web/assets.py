"""Assets: the files of `web/static`, and how long others may keep them."""

from __future__ import annotations

from functools import cache

from fastapi.staticfiles import StaticFiles
from starlette.datastructures import URL
from starlette.responses import Response
from starlette.types import Scope

from service.web import compression, rendering

FOR_EVER = "public, max-age=31536000, immutable"
FOR_A_WHILE = "public, max-age=300"


class Assets(StaticFiles):
    """Serves the files. An address with the version of today's bytes never changes, so it may be kept for a year.

    Any other address of the file is kept for minutes: while an update runs, an old process is asked for new versions.
    """

    def __init__(self) -> None:
        super().__init__(directory=rendering.STATIC)

    async def get_response(self, path: str, scope: Scope) -> Response:
        """The file, or 304, with `Cache-Control`. Errors: HTTPException where there is none."""
        answer = await super().get_response(path, scope)
        if answer.status_code == 200 and compression.is_accepted(scope):
            answer = _smaller(path, answer)
        answer.headers["Vary"] = compression.VARY["Vary"]
        same = scope["query_string"].decode("latin-1") == URL(rendering.static_url(path)).query
        answer.headers["Cache-Control"] = FOR_EVER if same else FOR_A_WHILE
        return answer


def _smaller(path: str, answer: Response) -> Response:
    """The same file compressed: its tag says that it is the same, not that its bytes are."""
    tag = {"ETag": f"W/{answer.headers['etag']}"}
    return Response(_compressed(path), 200, tag | compression.ENCODED, answer.headers["content-type"])


@cache
def _compressed(path: str) -> bytes:
    """A file of a process does not change while it runs."""
    return compression.compressed((rendering.STATIC / path).read_bytes())
