"""The layers that editions were put together on, kept beside them: canonical documents, each under its hash.

An edition names the one beneath it (`Edition.beneath`); editions share them.
"""

from __future__ import annotations

from collections.abc import Iterable

from service import clock
from service.errors import GuideError
from service.store.graph import Reads, Transaction
from service.store.packing import Packed, unpacked


async def keep(transaction: Transaction, layer: Packed) -> None:
    """Keeps a layer, if it is not kept yet."""
    await transaction.many("store/layers", "keep", hash=layer.hash, document=layer.document, at=clock.now())


async def document(reads: Reads, digest: str) -> bytes:
    """The canonical document with that hash. Errors: GuideError when it is not kept, or is not what its hash says."""
    row = await reads.one("store/layers", "document", hash=digest)
    found = unpacked(row["document"], expected=digest) if row else None
    if found is None:
        raise GuideError("全国の内容の控えが、ないか、壊れています。データベースの控えから戻してください。")
    return found


async def newest(reads: Reads, digests: Iterable[str]) -> str | None:
    """Which of the layers came into the store last; None where none of them is kept."""
    row = await reads.one("store/layers", "newest", hashes=sorted(digests))
    return str(row["hash"]) if row else None
