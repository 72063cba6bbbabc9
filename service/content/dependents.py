"""What depends on an item: what would have to be looked at again if it were changed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from service.content import registry
from service.content.fields import Reference
from service.content.fields import references as references_in
from service.content.patches import Item, Items
from service.content.references import named, own_keys


@dataclass(frozen=True, slots=True)
class Naming:
    """Who names whom: by key of what is named, the items that name it, and whether residents come to it `earlier`."""

    namers: Mapping[str, tuple[tuple[str, bool], ...]]


def naming(items: Items) -> Naming:
    """Who names whom in a content; what an item only brings does not rest on it the other way round."""
    namers: dict[str, dict[str, bool]] = {}
    for key, item in items.items():
        for other, reference in _named(item):
            if reference is None or not reference.brings:
                is_earlier = reference is not None and reference.earlier
                found = namers.setdefault(other, {})
                found[key] = found.get(key, False) or is_earlier
    return Naming({key: tuple(found.items()) for key, found in namers.items()})


def _named(item: Item) -> Iterator[tuple[str, Reference | None]]:
    """Every key that an item names with the reference by which it does (None: an option that was answered)."""
    known = set()
    for _, key, reference in references_in(item.fields, registry.kind(item.kind).model):
        known.add(key)
        yield key, reference
    yield from ((key, None) for key in named(item) if key not in known)


def dependents(items: Items, found: Naming, key: str) -> dict[str, tuple[str, ...]]:
    """What depends on an item, keys by kind in the order of the registry.

    That is what names it; what residents come to after it because of it, however far (the conditions on an answer, the
    questions asked after it); and what all of these bring up. What merely uses the same things does not count.
    """
    led = _led_to(items, found, key)
    depending = {*led, *_namers(items, found, key), *_brought(items[one] for one in (key, *led) if one in items)}
    depending.discard(key)
    by_kind = {
        kind: tuple(sorted(one for one in depending if items[one].kind == kind)) for kind in registry.current().kinds
    }
    return {kind: keys for kind, keys in by_kind.items() if keys}


def _namers(items: Items, found: Naming, key: str, *, earlier: bool = False) -> set[str]:
    """The items that name an item or what stands inside it; `earlier`: only those that residents come to after it."""
    return {
        namer
        for own in own_keys(items[key])
        for namer, is_earlier in found.namers.get(own, ())
        if is_earlier or not earlier
    }


def _led_to(items: Items, found: Naming, key: str) -> set[str]:
    """What residents come to after an item because of it, however far."""
    led: set[str] = set()
    waiting = {key}
    while waiting:
        led |= waiting
        waiting = {one for each in waiting for one in _namers(items, found, each, earlier=True)} - led
    return led - {key}


def _brought(items: Iterable[Item]) -> set[str]:
    """What these items bring up."""
    return {key for item in items for key, reference in _named(item) if reference is not None and reference.brings}
