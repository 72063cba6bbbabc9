"""Whose change was in the way of a save, in words."""

from __future__ import annotations

from service.accounts import people
from service.diff_text import history as history_text
from service.editions.edits import Collision
from service.errors import GuideError
from service.store.graph import Reads


async def told(reads: Reads, refusal: GuideError | None) -> str:
    """Who changed or removed the item meanwhile, and when; '' where the refusal is about something else."""
    if not isinstance(refusal, Collision):
        return ""
    when = f"、{at(refusal)}に" if refusal.at else ""
    what = "変更" if refusal.theirs else "削除"
    who = history_text.person(refusal.by, await people.names(reads))
    return f"{who}が{when}{what}しました。いまの内容を出しています。確かめて、もう一度保存してください。"


def at(refusal: Collision) -> str:
    """When the item was changed or removed: day and time; '' where nobody knows."""
    moment = history_text.moment(refusal.at) if refusal.at else None
    return f"{history_text.day(moment)} {moment:%H:%M}" if moment else ""
