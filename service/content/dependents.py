"""What depends on an item: what would have to be looked at again if it were changed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from service.content import registry
from service.content.fields import Reference
from service.content.fields import references as references_in
from service.content.patches import Item, Items
from service.content.references import answered_in, own_keys

Names = tuple[tuple[str, bool], ...]
"""Keys, each with whether residents come to the one that is named before the one that names it."""


@dataclass(frozen=True, slots=True)
class Naming:
    """Who names whom in a content, by the key of the one that names (`named`) and of the one that is named (`namers`);
    what an item only brings does not count: it does not rest on that."""

    items: Items
    named: Mapping[str, Names]
    namers: Mapping[str, Names]


def naming(items: Items, beside: Naming | None = None) -> Naming:
    """Who names whom; only items that are not so in the content `beside`, if it is given, are looked at."""
    known = beside.items if beside else {}
    named = {
        key: beside.named[key] if beside and known.get(key) == item else _resting(item) for key, item in items.items()
    }
    namers: dict[str, list[tuple[str, bool]]] = {}
    for key, names in named.items():
        for other, is_earlier in names:
            namers.setdefault(other, []).append((key, is_earlier))
    return Naming(items, named, {key: tuple(found) for key, found in namers.items()})


def _resting(item: Item) -> Names:
    """What an item rests on."""
    return tuple(
        {
            (key, reference is not None and reference.earlier): None
            for key, reference in _named(item)
            if reference is None or not reference.brings
        }
    )


def _named(item: Item) -> Iterator[tuple[str, Reference | None]]:
    """Every key that an item names with the reference by which it does (None: an option that was answered)."""
    model = registry.kind(item.kind).model
    for _, key, reference in references_in(item.fields, model):
        yield key, reference
    yield from ((key, None) for key in answered_in(item.fields, model))


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
