"""The archive: the canonical documents of editions that have left the graph, read and checked by their hash."""

from __future__ import annotations

import json

from service.content.models import LifeEvent, Outline, Question
from service.errors import GuideError, NotFound
from service.store.graph import Reads, Row
from service.store.packing import unpacked


async def document(reads: Reads, number: int) -> bytes:
    """The canonical document of an archived edition. Errors: NotFound, GuideError when it is not what its hash says."""
    row: Row | None = await reads.one("store/archive_documents", "document", edition=number)
    if row is None:
        raise NotFound(f"第{number}版は、保管庫にありません。", where="/edition")
    document_bytes = unpacked(row["document"], expected=row["content_hash"])
    if document_bytes is None:
        raise GuideError(f"保管庫の第{number}版が壊れています。控えから戻してください。")
    return document_bytes


def outline(document: bytes, number: int) -> Outline:
    """What answers are read against, of a document: the same as the graph gave while the edition was in it."""
    plain = json.loads(document)
    events = [LifeEvent.model_validate(fields) for fields in plain.get("life_events", [])]
    questions = [Question.model_validate(fields) for fields in plain.get("questions", [])]
    return Outline.of(number, events, questions)
