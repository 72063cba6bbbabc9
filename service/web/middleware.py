"""Guards around every request, as plain ASGI: size and time of bodies, rate, security headers, and the request log.

HEAD is answered here for every address that answers GET: as GET, without the body.
The log names the route, never an address, an answer, a code or a token.
"""

from __future__ import annotations

import asyncio
import ipaddress
import math
from collections.abc import Callable, Iterable, Mapping

import structlog
from cachetools import TTLCache
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from service import clock
from service.errors import TooLarge, TooMany, TooSlow

log = structlog.get_logger("request")

POLICY = (
    "default-src 'none'; style-src 'self'; img-src 'self' data:; script-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
FETCHING_POLICY = f"{POLICY}; connect-src 'self'"
"""Of pages whose scripts ask this service again, and nobody else."""
HEADERS = (
    (b"content-security-policy", POLICY.encode()),
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"permissions-policy", b"camera=(), geolocation=(), microphone=()"),
)
NOT_KEPT = (b"cache-control", b"no-store")
"""Of answers that do not say how long they may be kept: errors, and what programs of staff read."""
NOT_COUNTED = ("/static/", "/health/")
"""What pages bring along and what watches the service is no request of a visitor."""
IPV6_NETWORK = 64
"""One household or hall has so many bits of an address, and the rest to choose from."""
WINDOW_SECONDS = 60
"""How long requests of one address are counted together; the setting is a number a minute."""


class Guards:
    """Wraps an application.

    `told` makes the answer for an error, foreseen (GuideError) or not; `rate` is requests a minute and address, 0 for
    no limit (loopback has none). `larger` names paths whose bodies may have more bytes than `most_bytes`.
    """

    def __init__(
        self,
        app: ASGIApp,
        *,
        most_bytes: int,
        seconds: float,
        rate: int,
        told: Callable[[Scope, Exception], Response],
        larger: Mapping[str, int] | None = None,
    ) -> None:
        self._app = app
        self._told = told
        self._most_bytes = most_bytes
        self._larger = dict(larger or {})
        self._seconds = seconds
        self._rate = rate
        self._seen: TTLCache[str, int] = TTLCache(maxsize=50_000, ttl=WINDOW_SECONDS, timer=clock.monotonic)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        began, status, started = clock.monotonic(), 0, False
        method = scope["method"]
        if method == "HEAD":
            scope = {**scope, "method": "GET"}

        async def sending(message: Message) -> None:
            nonlocal status, started
            if method == "HEAD" and message["type"] == "http.response.body":
                message = {**message, "body": b""}
            if message["type"] == "http.response.start":
                status, started = message["status"], True
                headers = message.setdefault("headers", [])
                named = {name for name, _ in headers}
                headers.extend(header for header in (*HEADERS, NOT_KEPT) if header[0] not in named)
            await send(message)

        try:
            self._refuse(scope)
            await self._app(scope, self._bounded(scope, receive), sending)
        except Exception as error:
            # Not raised again: the web server would log it with whatever the message holds.
            answer = self._told(scope, error)
            if isinstance(error, TooMany):
                answer.headers["Retry-After"] = str(_seconds_left())
            if not started:
                await answer(scope, receive, sending)
        finally:
            spent = round((clock.monotonic() - began) * 1000, 1)
            log.info("request", route=_route(scope), method=method, status=status, ms=spent)

    def _refuse(self, scope: Scope) -> None:
        length = _content_length(scope["headers"])
        if length is not None and length > self._most(scope):
            raise _too_large(self._most(scope))
        if self._rate and not self._within_rate(scope):
            raise TooMany("短い間に多くの要求がありました。1分ほどおいて、もう一度お試しください。")

    def _most(self, scope: Scope) -> int:
        """How many bytes the body of this request may have."""
        return self._larger.get(scope["path"], self._most_bytes)

    def _within_rate(self, scope: Scope) -> bool:
        client = scope.get("client")
        visitor = _visitor(client[0]) if client and client[0] else None
        if visitor is None or scope["path"].startswith(NOT_COUNTED):
            return True
        # Fixed windows: the minute is part of the key, because writing to the cache begins its time again.
        window = f"{visitor} {int(clock.monotonic() // WINDOW_SECONDS)}"
        count = self._seen.get(window, 0) + 1
        self._seen[window] = count
        return count <= self._rate

    def _bounded(self, scope: Scope, receive: Receive) -> Receive:
        """A `receive` that counts bytes and gives the whole body one time; without a body it is left as it is."""
        if scope["method"] == "GET":
            return receive
        received, whole, until = 0, False, asyncio.get_running_loop().time() + self._seconds

        async def bounded() -> Message:
            nonlocal received, whole
            if whole:
                return await receive()
            try:
                async with asyncio.timeout_at(until):
                    message = await receive()
            except TimeoutError as error:
                raise TooSlow(f"送信に時間がかかりすぎました（{self._seconds:g}秒まで）。") from error
            received += len(message.get("body", b""))
            whole = not message.get("more_body", False)
            if received > self._most(scope):
                raise _too_large(self._most(scope))
            return message

        return bounded


def _too_large(most: int) -> TooLarge:
    return TooLarge(f"送られた内容が大きすぎます（{most}バイトまで）。")


def _route(scope: Scope) -> str:
    """The whole template of the route, such as `/api/v1/procedures/{key}`; for files where they are mounted.

    FastAPI keeps the prefix of an included router apart from the route.
    """
    whole = scope.get("fastapi", {}).get("effective_route_context") or scope.get("route")
    return getattr(whole, "path", None) or scope.get("root_path") or "-"


def _visitor(host: str) -> str | None:
    """Whose requests are counted together, None for this machine itself.

    An address is one however it is written, of IPv6 its network; what is no address is one visitor, whatever it says.
    """
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return "-"
    if isinstance(address, ipaddress.IPv6Address):
        mapped = address.ipv4_mapped
        if mapped is None:
            network = ipaddress.IPv6Network((address, IPV6_NETWORK), strict=False)
            return None if address.is_loopback else str(network)
        address = mapped
    return None if address.is_loopback else str(address)


def _seconds_left() -> int:
    """Whole seconds until the requests of an address are counted anew."""
    return math.ceil(WINDOW_SECONDS - clock.monotonic() % WINDOW_SECONDS)


def _content_length(headers: Iterable[tuple[bytes, bytes]]) -> int | None:
    for name, value in headers:
        if name == b"content-length" and value.isdigit():
            return int(value[:20])
    return None
