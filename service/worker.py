"""A web worker: `python -m service.worker FD` serves the application on a listening socket that it inherits."""

from __future__ import annotations

import logging
import socket
import sys

import uvicorn

from service.settings import Settings, settings

GRACE_SECONDS = 1
HEADER_BYTES = 64 * 1024
BACKLOG = 2048


class _WithoutTraces(logging.Filter):
    """An exception's text may hold what a resident sent; `service.app` logs its kind and place instead."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Always true; takes the exception out of the record."""
        record.exc_info = record.exc_text = record.stack_info = None
        return True


def configuration(own: Settings) -> uvicorn.Config:
    """How the web server runs: no access log (it would hold answers), no names of products, short patience."""
    return uvicorn.Config(
        "service.app:create",
        factory=True,
        lifespan="on",
        ws="none",
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=True,
        forwarded_allow_ips=own.trusted_proxies,
        backlog=BACKLOG,
        timeout_keep_alive=20,
        timeout_graceful_shutdown=GRACE_SECONDS,
        h11_max_incomplete_event_size=HEADER_BYTES,
    )


def main() -> int:
    """Serves until SIGTERM. Exit status 0, or 3 when the application could not start."""
    logging.basicConfig(level=logging.WARNING, format="%(levelname)s %(name)s %(message)s")
    logging.getLogger("uvicorn.error").addFilter(_WithoutTraces())
    server = uvicorn.Server(configuration(settings()))
    server.run(sockets=[socket.socket(fileno=int(sys.argv[1]))])
    return 0 if server.started else 3


if __name__ == "__main__":
    sys.exit(main())
