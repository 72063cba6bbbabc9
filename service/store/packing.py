"""Documents as the store keeps them beside the graph: packed, and named by the hash of what they say."""

from __future__ import annotations

import hashlib
import zlib
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Packed:
    """A canonical document, packed, and its hash."""

    hash: str
    document: bytes

    @classmethod
    def of(cls, document: bytes) -> Packed:
        """Packs the document, which takes a while: not where others wait."""
        return cls(hashlib.sha256(document).hexdigest(), zlib.compress(document, 9))


def unpacked(packed: Any, *, expected: str) -> bytes | None:
    """The document with that hash, None where what is kept is not there, is damaged, or says something else."""
    try:
        document = zlib.decompress(packed)
    except (zlib.error, TypeError):
        return None
    return document if hashlib.sha256(document).hexdigest() == expected else None
