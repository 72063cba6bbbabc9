"""The first edition as the tests read it, the layers that it is made of, and a city that does not exist beside it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path

from service.content import patches, references
from service.content.loading import Layered, read_folders
from service.content.models import Content
from service.settings import NATIONAL, ROOT

SOJA = ROOT / "seed" / "soja"
LAYERS = (NATIONAL, SOJA)


@dataclass(frozen=True, slots=True)
class City:
    """A city whose guide is made on the law of every city; `folder` is its own layer and says who it is."""

    name: str
    prefecture: str
    folder: Path

    @property
    def layers(self) -> tuple[Path, ...]:
        """The folders of its content, the lowest first."""
        return (NATIONAL, self.folder)


CITIES = (
    City("総社市", "岡山県", SOJA),
    City("ひばり野市", "例示県", ROOT / "tests" / "hibarino"),
)
"""The second has branch offices, a question, procedures and names of its own."""


@cache
def of_city(city: City) -> Layered:
    """The content of a city, and the law of every city that lies beneath it."""
    return read_folders(city.layers)


def layered() -> Layered:
    """The content of 総社市, and the law of every city that lies beneath it."""
    return of_city(CITIES[0])


def seed() -> Content:
    """The content of 総社市: the law of every city, and the city's own layer over it."""
    return layered().content


@cache
def national() -> Content:
    """The law of every city alone."""
    return read_folders([NATIONAL]).content


@cache
def small(*life_events: str) -> Content:
    """What the seed says about these life events (birth without any) alone: as real as the whole, and quicker."""
    return _about(set(life_events or ("birth",)), seed())


@cache
def small_law(*life_events: str) -> Content:
    """What the law of every city says about these life events: what lies beneath `small` of them."""
    return _about(set(life_events or ("birth",)), national())


def _about(wanted: set[str], content: Content) -> Content:
    items = patches.items(content)
    others = {one.key for one in content.life_events} - wanted
    begun = [one.key for one in content.conditions if wanted & set(one.life_events)]
    begun += [one.key for one in content.scenarios if wanted >= set(one.life_events)]
    owners = {key: item.key for item in items.values() for key in references.own_keys(item)}
    kept: set[str] = set()
    while begun:
        key = owners[begun.pop()]
        if key not in kept and key not in others:
            kept.add(key)
            begun += [] if items[key].kind == "Scenario" else references.named(items[key])
    told = str([items[key].fields for key in kept])
    kept |= {one.key for one in content.terms if one.term in told}
    gone = {key for key, owner in owners.items() if owner not in kept}
    return Content.model_validate(patches.plain({key: references.detached(items[key], gone) for key in sorted(kept)}))
