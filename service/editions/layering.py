"""The layer that an edition was put together on, kept beside it: so it is known which values are the law's and which
the city's own, and an amended law can come in (ops/design/editions.md, "Layers")."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from service.caching import PROCESS, Part
from service.content import layers as content_layers
from service.content import patches
from service.content.canonical import canonical, content_hash
from service.content.loading import read_bytes, read_folders
from service.content.models import Content, Edition
from service.content.patches import Fields, Item, Items
from service.editions import contents
from service.errors import NotFound
from service.store import layers
from service.store.graph import Reads
from service.store.packing import Packed

NAME = "全国の内容"

_kept: Part[str, Items] = PROCESS.part(lambda items: contents.ITEM_BYTES * len(items))


@dataclass(frozen=True, slots=True)
class Layers:
    """An edition taken apart: what lies beneath, and the document of the city's own layer over it."""

    beneath: Items
    own: Fields


@lru_cache(maxsize=1)
def read_law(folders: tuple[Path, ...]) -> Content:
    """The law of every city that came with this program, read once. Errors: NotFound for no folder, InvalidContent."""
    if not folders:
        raise NotFound("このプログラムの設定には、全国の内容がありません。")
    return read_folders(folders).content


@lru_cache(maxsize=1)
def hash_of_law(folders: tuple[Path, ...]) -> str:
    """The hash by which an edition names that law."""
    return content_hash(read_law(folders))


async def packed(beneath: Content) -> Packed:
    """What lies beneath an edition, to be kept (`store.layers`) under the hash by which the edition names it."""
    return await asyncio.to_thread(lambda: Packed.of(canonical(beneath)))


async def beneath(reads: Reads, edition: Edition) -> Items | None:
    """The items of what lies beneath an edition, None where nobody said so. Errors: GuideError where it is lost."""
    digest = edition.beneath
    if digest is None:
        return None
    items = _kept.get(digest)
    if items is None:
        document = await layers.document(reads, digest)
        items = await asyncio.to_thread(lambda: patches.items(read_bytes(document, NAME)))
        _kept.put(digest, items)
    return items


async def apart(reads: Reads, edition: Edition) -> Layers:
    """An edition as its two layers. Errors: NotFound where nothing is known to lie beneath."""
    law = await beneath(reads, edition)
    if law is None:
        raise NotFound(
            f"第{edition.number}版がどの全国の内容に重なっているかは、記録されていません。", where="/edition"
        )
    whole = (await contents.of_edition(reads, edition)).items
    return Layers(law, await asyncio.to_thread(content_layers.difference, law, whole))


def own_fields(law: Items | None, item: Item) -> tuple[str, ...]:
    """The fields of an item that are the city's own, those that it took away too; all where nothing is known."""
    old = (law or {}).get(item.key)
    if old is None or old.kind != item.kind:
        return tuple(item.fields)
    return tuple(content_layers.change_of(old, item))


async def of_both(reads: Reads, *, base: str | None, mine: str | None, theirs: str | None) -> str | None:
    """What lies beneath a content that was merged of two: what one of them took in since, or else the newest."""
    if mine == theirs or theirs in {None, base}:
        return mine
    if mine in {None, base}:
        return theirs
    return await layers.newest(reads, {digest for digest in (mine, theirs) if digest})
