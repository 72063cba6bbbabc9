"""A web worker: `python -m service.worker FD` serves the application on a listening socket that it inherits.

httptools rather than h11: measured, a request costs 40 µs of processor time instead of 130. But it bounds nothing
before the application is called; `BoundedHeads` does, for 3 µs.
"""

from __future__ import annotations

import gc
import logging
import socket
import sys

import uvicorn
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from service.settings import Settings, settings

GRACE_SECONDS = 1
HEADER_BYTES = 64 * 1024
BACKLOG = 2048
GARBAGE_THRESHOLDS = (50_000, 20, 50)
"""New objects, and rounds, after which cycles are looked for. By default (700, 10, 10) a page that is rendered for the
first time spends a quarter of its processor time on searches that find nothing."""

_TOO_LARGE = (
    b"HTTP/1.1 431 Request Header Fields Too Large\r\ncontent-length: 0\r\ncache-control: no-store\r\n"
    b"connection: close\r\n\r\n"
)


class BoundedHeads(HttpToolsProtocol):
    """A connection that is closed with 431 once it has sent more than `HEADER_BYTES` in which nothing came to its end.

    That is what the parser and uvicorn hold of a request line, of headers and of the trailers of a chunked body. The
    read in which these begin is not counted: it is in memory already, and has 256 KiB at most.
    """

    _held = 0
    _moved = False

    def data_received(self, data: bytes) -> None:
        """A read from the socket."""
        self._moved = False
        super().data_received(data)
        self._held = 0 if self._moved else self._held + len(data)
        if self._held > HEADER_BYTES and not self.transport.is_closing():
            if self.cycle is None or self.cycle.response_complete:
                self.transport.write(_TOO_LARGE)
            self.transport.close()

    def on_message_begin(self) -> None:
        """A request begins."""
        self._moved = True
        super().on_message_begin()

    def on_headers_complete(self) -> None:
        """Its headers are whole: the application is called."""
        self._moved = True
        super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        """A piece of its body, which `service.web.middleware` counts."""
        self._moved = True
        super().on_body(body)

    def on_message_complete(self) -> None:
        """It is whole."""
        self._moved = True
        super().on_message_complete()


class _WithoutTraces(logging.Filter):
    """An exception's text may hold what a resident sent; `service.app` logs its kind and place instead."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Always true; takes the exception out of the record."""
        record.exc_info = record.exc_text = record.stack_info = None
        return True


def configuration(worker_settings: Settings) -> uvicorn.Config:
    """How the web server runs: no access log (it would hold answers), no names of products, short patience."""
    return uvicorn.Config(
        "service.app:create",
        factory=True,
        # Not uvloop: it has crashed processes (ops/decisions/035), and this loop holds nothing that could.
        loop="asyncio",
        lifespan="on",
        http=BoundedHeads,
        ws="none",
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=True,
        forwarded_allow_ips=worker_settings.trusted_proxies,
        backlog=BACKLOG,
        timeout_keep_alive=20,
        timeout_graceful_shutdown=GRACE_SECONDS,
    )


def main() -> int:
    """Serves until SIGTERM. Exit status 0, or 3 when the application could not start."""
    logging.basicConfig(level=logging.WARNING, format="%(levelname)s %(name)s %(message)s")
    logging.getLogger("uvicorn.error").addFilter(_WithoutTraces())
    return 0 if serve(configuration(settings())) else 3


def serve(config: uvicorn.Config) -> bool:
    """Serves on the inherited socket until SIGTERM; False when the application could not start."""
    gc.set_threshold(*GARBAGE_THRESHOLDS)
    server = uvicorn.Server(config)
    server.run(sockets=[socket.socket(fileno=int(sys.argv[1]))])
    return server.started


if __name__ == "__main__":
    sys.exit(main())
