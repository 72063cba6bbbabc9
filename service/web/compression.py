"""Answers made smaller once: for bytes that are kept and sent again, never for those that are made for one request.

What is made for one request is left to the proxy, and pages of the staff hold secrets beside what others may choose.
"""

from __future__ import annotations

import gzip
import re

from starlette.datastructures import Headers
from starlette.types import Scope

VARY = {"Vary": "Accept-Encoding"}
ENCODED = {"Content-Encoding": "gzip"} | VARY

_GZIP = re.compile(r"(?:^|,)\s*(?:gzip|\*)\s*(?:;\s*q=(?P<weight>[0-9.]+))?\s*(?=,|$)", re.ASCII | re.IGNORECASE)


def is_accepted(scope: Scope) -> bool:
    """Whether who asks reads gzip."""
    offered = _GZIP.search(Headers(scope=scope).get("accept-encoding", ""))
    return offered is not None and (offered["weight"] is None or offered["weight"].strip("0.") != "")


def compressed(body: bytes) -> bytes:
    """The body as gzip; equal bodies give equal bytes."""
    return gzip.compress(body, 6, mtime=0)
