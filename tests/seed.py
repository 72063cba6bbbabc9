"""The first edition as the tests read it."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from service.content import patches, references
from service.content.loading import content_files, read_files
from service.content.models import Content

SEED = Path(__file__).resolve().parents[1] / "seed"


@cache
def seed() -> Content:
    """The content of 総社市: every file of `seed/` but the one about the city itself."""
    return read_files(content_files(SEED))


@cache
def small(event: str = "birth") -> Content:
    """What the seed says about one life event alone: as real as the whole, and a sixth of its size."""
    items = patches.items(seed())
    others = {one.key for one in seed().life_events} - {event}
    begun = [one.key for one in seed().conditions if event in one.life_events]
    begun += [one.key for one in seed().scenarios if one.life_events == [event]]
    owners = {key: item.key for item in items.values() for key in references.own_keys(item)}
    kept: set[str] = set()
    while begun:
        key = owners[begun.pop()]
        if key not in kept and key not in others:
            kept.add(key)
            begun += [] if items[key].kind == "Scenario" else references.named(items[key])
    told = str([items[key].fields for key in kept])
    kept |= {one.key for one in seed().terms if one.term in told}
    gone = {key for key, owner in owners.items() if owner not in kept}
    return Content.model_validate(patches.plain({key: references.detached(items[key], gone) for key in kept}))
