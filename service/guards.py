"""Guards around every request, as plain ASGI: size and time of bodies, rate, security headers, and the request log.

The log names the route, never an address, an answer, a code or a token.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable

import structlog
from cachetools import TTLCache
from starlette.responses import JSONResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from service import clock

log = structlog.get_logger("request")

POLICY = (
    "default-src 'none'; style-src 'self'; img-src 'self' data:; script-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
HEADERS = (
    (b"content-security-policy", POLICY.encode()),
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"permissions-policy", b"camera=(), geolocation=(), microphone=()"),
)
HEADER_NAMES = frozenset(name for name, _ in HEADERS)


def _refusal(status: int, code: str, message: str) -> JSONResponse:
    return JSONResponse({"error": {"code": code, "message": message, "where": ""}}, status)


class _BodyTooLarge(Exception):
    """More bytes than are read."""


class Guards:
    """Wraps an application.

    `broken` tells what nobody foresaw; `rate` is requests a minute and address, 0 for no limit (loopback has none).
    """

    def __init__(
        self, app: ASGIApp, *, most_bytes: int, seconds: float, rate: int,
        broken: Callable[[Scope, Exception], Response],
    ) -> None:
        self._app = app
        self._broken = broken
        self._most_bytes = most_bytes
        self._seconds = seconds
        self._rate = rate
        self._seen: TTLCache[str, int] = TTLCache(maxsize=50_000, ttl=60, timer=clock.monotonic)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        began, status, started = clock.monotonic(), 0, False

        async def sending(message: Message) -> None:
            nonlocal status, started
            if message["type"] == "http.response.start":
                status, started = message["status"], True
                given = message.setdefault("headers", [])
                named = {name for name, _ in given}
                given.extend(header for header in HEADERS if header[0] not in named)
            await send(message)

        try:
            refused = self._refused(scope)
            if refused:
                await refused(scope, receive, sending)
            else:
                await self._app(scope, self._bounded(scope, receive), sending)
        except (_BodyTooLarge, TimeoutError) as error:
            if not started:
                large = isinstance(error, _BodyTooLarge)
                answer: Response = self._too_large() if large else self._too_slow()
                await answer(scope, receive, sending)
        except Exception as error:
            # Not raised again: the web server would log it with whatever the message holds.
            answer = self._broken(scope, error)
            if not started:
                await answer(scope, receive, sending)
        finally:
            route = getattr(scope.get("route"), "path", None) or "-"
            spent = round((clock.monotonic() - began) * 1000, 1)
            log.info("request", route=route, method=scope["method"], status=status, ms=spent)

    def _refused(self, scope: Scope) -> JSONResponse | None:
        length = _content_length(scope["headers"])
        if length is not None and length > self._most_bytes:
            return self._too_large()
        if self._rate and not self._within_rate(scope):
            return _refusal(429, "too_many", "短い間に多くの要求がありました。1分ほどおいて、もう一度お試しください。")
        return None

    def _too_large(self) -> JSONResponse:
        return _refusal(413, "too_large", f"送られた内容が大きすぎます（{self._most_bytes}バイトまで）。")

    def _too_slow(self) -> JSONResponse:
        return _refusal(408, "timeout", f"送信に時間がかかりすぎました（{self._seconds:g}秒まで）。")

    def _within_rate(self, scope: Scope) -> bool:
        client = scope.get("client")
        host = client[0] if client else ""
        if host in {"", "127.0.0.1", "::1"}:
            return True
        count = self._seen.get(host, 0) + 1
        self._seen[host] = count
        return count <= self._rate

    def _bounded(self, scope: Scope, receive: Receive) -> Receive:
        """A `receive` that counts bytes and does not wait for ever; a request without a body is passed as it is."""
        if scope["method"] in {"GET", "HEAD"}:
            return receive
        received = 0

        async def bounded() -> Message:
            nonlocal received
            async with asyncio.timeout(self._seconds):
                message = await receive()
            received += len(message.get("body", b""))
            if received > self._most_bytes:
                raise _BodyTooLarge
            return message

        return bounded


def _content_length(headers: Iterable[tuple[bytes, bytes]]) -> int | None:
    for name, value in headers:
        if name == b"content-length" and value.isdigit():
            return int(value[:20])
    return None
