"""The layers that editions were put together on, kept beside them: canonical documents, each under its hash.

An edition names the one beneath it (`Edition.beneath`); editions share them.
"""

from __future__ import annotations

import hashlib
import zlib
from collections.abc import Iterable

from service import clock
from service.errors import GuideError
from service.store.graph import Reads, Transaction


async def keep(transaction: Transaction, document: bytes) -> str:
    """Keeps a canonical document, if it is not kept yet; returns its hash."""
    digest = hashlib.sha256(document).hexdigest()
    packed = zlib.compress(document, 9)
    await transaction.many("store/layers", "keep", hash=digest, document=packed, at=clock.now())
    return digest


async def document(reads: Reads, digest: str) -> bytes:
    """The canonical document with that hash. Errors: GuideError when it is not kept, or is not what its hash says."""
    row = await reads.one("store/layers", "document", hash=digest)
    try:
        found = zlib.decompress(row["document"]) if row else b""
    except (zlib.error, TypeError):
        found = b""
    if hashlib.sha256(found).hexdigest() != digest:
        raise GuideError("全国の内容の控えが、ないか、壊れています。データベースの控えから戻してください。")
    return found


async def newest(reads: Reads, digests: Iterable[str]) -> str | None:
    """Which of the layers came into the store last; None where none of them is kept."""
    row = await reads.one("store/layers", "newest", hashes=sorted(digests))
    return str(row["hash"]) if row else None
