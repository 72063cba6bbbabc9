"""Everyday words find the right procedure first, in the content of the seed."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import pytest
import yaml

from service.guidance.search import results
from service.store.catalogue import Searchable
from tests.searching import searchable_content
from tests.seed import seed

WORDS = Path(__file__).with_name("everyday_words.yaml")
LISTED = {
    str(word): [first] if isinstance(first, str) else first
    for words in yaml.safe_load(WORDS.read_text(encoding="utf-8")).values()
    for word, first in words.items()
}


@cache
def _among() -> Searchable:
    return searchable_content(seed())


def test_the_list_is_long_and_its_procedures_exist() -> None:
    assert len(LISTED) >= 200
    assert {key for keys in LISTED.values() for key in keys} <= {one.key for one in seed().procedures}


@pytest.mark.parametrize("word", LISTED)
def test_the_right_procedure_comes_first(word: str) -> None:
    found = [entry.key for entry in results(_among(), word).procedures]
    assert found and found[0] in LISTED[word], found[:5]
