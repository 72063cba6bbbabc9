"""Merging is doing both edits, in either order, or it names what both touched."""

from __future__ import annotations

from random import Random

import pytest

from service.content import patches
from service.content.patches import Items
from service.editions import merging
from tests.contents import random_content
from tests.edits import edited


def _sides(number: int) -> tuple[Items, Items, Items]:
    """A random base and two random edits of it."""
    rng = Random(number)
    base = random_content(rng)
    mine, theirs = (edited(rng, base, times=rng.randint(0, 3)) for _ in range(2))
    return patches.items(base), patches.items(mine), patches.items(theirs)


@pytest.mark.parametrize("number", range(100))
def test_a_merge_is_both_edits_in_either_order_or_names_the_conflict(number: int) -> None:
    base, mine, theirs = _sides(number)
    own, other = patches.between(base, mine), patches.between(base, theirs)
    both = set(own.keys) & set(other.keys)
    differing = {key for key in both if mine.get(key) != theirs.get(key)}
    merged = merging.merge(base, mine=mine, theirs=theirs)
    assert {conflict.key for conflict in merged.conflicts} == differing
    if not both:
        assert merged.items == patches.applied(other, patches.applied(own, base))
        assert merged.items == patches.applied(own, patches.applied(other, base))
    for conflict in merged.conflicts:
        assert (conflict.base, conflict.mine, conflict.theirs) == tuple(
            side.get(conflict.key) for side in (base, mine, theirs)
        )


@pytest.mark.parametrize("number", range(300, 340))
def test_a_decision_takes_that_side_of_a_conflict_and_nothing_else(number: int) -> None:
    base, mine, theirs = _sides(number)
    conflicts = [conflict.key for conflict in merging.merge(base, mine=mine, theirs=theirs).conflicts]
    for side, chosen in (("mine", mine), ("theirs", theirs)):
        everything = dict.fromkeys({*base, *mine, *theirs}, side)
        decided = merging.merge(base, mine=mine, theirs=theirs, decided=everything)  # type: ignore[arg-type]
        assert decided.conflicts == ()
        for key in {*base, *mine, *theirs}:
            wanted = (
                chosen.get(key)
                if key in conflicts
                else (theirs.get(key) if mine.get(key) == base.get(key) else mine.get(key))
            )
            assert decided.items.get(key) == wanted


def test_the_random_edits_do_collide_and_do_not() -> None:
    """So that neither branch of the tests above is empty."""
    found = [
        bool(merging.merge(base, mine=mine, theirs=theirs).conflicts) for base, mine, theirs in map(_sides, range(30))
    ]
    assert {True, False} == set(found)


@pytest.mark.parametrize("number", range(400, 440))
def test_a_patch_taken_back_leaves_what_was_there(number: int) -> None:
    base, mine, _ = _sides(number)
    patch = patches.between(base, mine)
    assert patches.applied(patch, base) == mine
    assert patches.applied(patches.inverse(patch), mine) == base
    assert patches.read(patches.written(patch.before), patches.written(patch.after)) == patch
