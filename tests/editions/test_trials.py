"""Which life events an unsaved change can touch: what it leaves out has to be the same for every household."""

from __future__ import annotations

from random import Random

import pytest

from service.analysis.comparison import compare
from service.content import patches, references
from service.content.models import Content
from service.content.patches import Item
from service.editions import trials
from service.errors import Refused
from tests.contents import random_content
from tests.seed import seed


@pytest.mark.parametrize(
    ("key", "events"),
    [
        ("if-birth-stillborn", {"birth"}),
        ("birth-notice", {"birth"}),
        ("shizan", {"birth", "death"}),
        ("marriage", {"marriage"}),
        ("window-shimin", set()),
        ("case-in-family-of-four", set()),
    ],
)
def test_the_life_events_that_look_at_an_item(key: str, events: set[str]) -> None:
    content = seed()
    assert trials.concerns(content, [key]) == events


def test_every_life_event_that_changes_is_among_them() -> None:
    """An item taken out of a random content, with all that referred to it."""
    changed = 0
    for number in range(40):
        content = random_content(Random(number), described=False)
        items = patches.items(content)
        for key in [key for key in items if key not in {event.key for event in content.life_events}][::3]:
            try:
                after = _without(items, key)
            except (Refused, ValueError):
                continue
            concerned = trials.concerns(content, [key]) | trials.concerns(after, [key])
            for event in compare(content, after).events:
                if event.changed or event.apart_count:
                    assert set(event.events) <= concerned, (number, key)
                    changed += 1
    assert changed > 20


def _without(items: dict[str, Item], key: str) -> Content:
    """The content without an item. Errors: Refused, ValueError where it would be unsound."""
    gone = {*references.own_keys(items[key])}
    left = {name: references.detached(item, gone) for name, item in items.items() if name != key}
    return Content.model_validate(patches.plain(left))
