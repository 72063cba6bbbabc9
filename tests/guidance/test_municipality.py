"""Who the guide speaks for: what nobody wrote is unknown, and no name is made up."""

from __future__ import annotations

from pathlib import Path

import pytest

from service.errors import InvalidContent
from service.guidance import municipality
from service.guidance.municipality import Municipality
from tests.seed import CITIES, City


@pytest.mark.parametrize(
    ("name", "hall"),
    [
        ("みなと市", "みなと市役所"),
        ("みなと区", "みなと区役所"),
        ("みなと町", "みなと町役場"),
        ("みなと村", "みなと村役場"),
        ("みなと", "役所・役場"),
        (None, "役所・役場"),
    ],
)
def test_the_hall_is_called_after_the_city(name: str | None, hall: str) -> None:
    made = Municipality.model_validate({"name": name})
    assert (made.hall, made.counter) == (hall, hall)
    assert Municipality(name=name, hall="総合庁舎", desk="住民課").counter == "総合庁舎 住民課"


def test_a_file_that_says_nothing_is_a_city_that_nobody_knows(tmp_path: Path) -> None:
    file = tmp_path / "municipality.yaml"
    file.write_text("# まだ何も書いていません\n", encoding="utf-8")
    found = municipality.read(file)
    known = found.model_dump(exclude_none=True)
    assert known == {"hall": "役所・役場", "closed_days": [], "open_days": []}
    assert found.guide == "手続きガイド"


def test_every_wrong_field_is_named_with_its_file(tmp_path: Path) -> None:
    file = tmp_path / "municipality.yaml"
    file.write_text("name: 3\nsite_url: www.example.jp\nmayor: 山田\n", encoding="utf-8")
    with pytest.raises(InvalidContent) as told:
        municipality.read(file)
    assert {(one.file, one.path) for one in told.value.problems} == {
        (str(file), "/name"),
        (str(file), "/site_url"),
        (str(file), "/mayor"),
    }


@pytest.mark.parametrize("city", CITIES, ids=lambda city: city.name)
def test_each_city_says_who_it_is(city: City) -> None:
    found = municipality.read(city.folder / "municipality.yaml")
    assert (found.name, found.prefecture, found.hall) == (city.name, city.prefecture, f"{city.name}役所")
