"""The two layers of the first edition: the law speaks of no city, and the city says nothing over again."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest

from service.content import layers, patches
from service.content.canonical import canonical, document
from service.content.loading import content_files
from service.content.patches import Items
from service.content.reading import read_file
from service.guidance import municipality
from service.settings import NATIONAL, Settings
from tests.seed import CITIES, SOJA, layered, national, of_city

MOST_OPTIONS = 7
NAMES = ("総社", "岡山", "倉敷", "soja", "okayama")


def beneath() -> Items:
    """The items of the law."""
    return patches.items(national())


def test_the_law_is_what_lies_beneath_the_city() -> None:
    found = layered().beneath
    assert found is not None and canonical(found) == canonical(national())


def test_the_law_names_no_city_and_no_office_of_one() -> None:
    offices = {window.name for window in layered().content.windows if window.basis == "city"}
    offices |= {window.building for window in layered().content.windows if window.building}
    offices -= {window.name for window in national().windows} | {"住所・戸籍の窓口"}  # what it does, and no name
    assert {"健康医療課", "総社市役所"} <= offices
    for path in content_files(NATIONAL):
        text = path.read_text(encoding="utf-8")
        assert [name for name in (*NAMES, *offices) if name in text] == [], path.name


def test_the_law_has_no_place_of_a_city() -> None:
    """Windows are offices of the state and the like, by their names; a telephone number is always somebody's own."""
    own = {name for window in document(national())["windows"] for name in window}
    assert own == {"key", "name", "synonyms", "basis", "sources"}


def test_everything_in_the_law_rests_on_the_law() -> None:
    for procedure in national().procedures:
        said = {ground for ground in procedure.basis.model_dump().values() if ground}
        sources = {source.basis for source in procedure.sources or ()}
        assert (said, sources | {"law"}) == ({"law"}, {"law"}), procedure.key


def test_what_people_of_every_city_call_it() -> None:
    """Towns and villages have no 市民税 and no 市役所; a city may levy a premium for 国民健康保険."""
    wrong = re.compile(r"市県民税|市民税|国民健康保険税(?!.*料)|市営|市役所|こども医療")
    for item in beneath().values():
        spoken = {name: value for name, value in item.fields.items() if name not in {"synonyms", "reading"}}
        if item.kind not in {"Law", "Scenario"}:
            assert not wrong.search(str(spoken)), item.key


def own_items() -> list[tuple[str, dict[str, object]]]:
    """What the files of the city say, item by item, each with its file."""
    made = []
    for path in content_files(SOJA):
        value = read_file(path.read_bytes(), path.name).value
        assert isinstance(value, dict)
        made += [(path.name, item) for name, items in value.items() if name != "format" for item in items]
    return made


def test_the_city_says_nothing_over_again() -> None:
    """The city's layer holds what differs and nothing else: what it does not speak of follows the law by itself."""
    whole = patches.items(layered().content)
    changes = layers.difference(beneath(), whole)
    wanted = {item["key"]: set(item) for name, items in changes.items() if name != "format" for item in items}
    said = {str(item["key"]): set(item) for _, item in own_items() if item["key"] in beneath()}
    over = {key: sorted(fields - wanted.get(key, {"key"})) for key, fields in said.items()}
    assert {key: fields for key, fields in over.items() if fields} == {}


@pytest.mark.parametrize("name", ["tennyu", "izoku-kousei", "kokuho-kanyu"])
def test_a_procedure_of_the_law_is_known_before_any_city_speaks(name: str) -> None:
    procedure = next(one for one in national().procedures if one.key == name)
    assert procedure.basis.duty == procedure.basis.deadline == "law" and procedure.deadline is not None


def test_no_page_of_questions_offers_more_than_can_be_read_at_a_glance() -> None:
    for city in CITIES:
        for question in of_city(city).content.questions:
            assert len(question.options) <= MOST_OPTIONS, (city.name, question.key)


def test_the_city_names_no_desk_that_nobody_confirmed() -> None:
    """Where no desk is known, residents are sent to the hall."""
    city = municipality.read(SOJA / "municipality.yaml")
    assert city.desk is None and city.counter == city.hall
    assert city.model_copy(update={"desk": "住民課"}).counter == f"{city.hall} 住民課"


def test_a_start_reads_the_law_and_then_the_city_unless_it_is_told_otherwise() -> None:
    assert Settings().layers == (NATIONAL, SOJA)
    assert Settings(city=Path("cities/minato")).layers == (NATIONAL, Path("cities/minato"))
    told = Settings(seed=os.pathsep.join(("backup/national", "backup/city")))
    assert told.layers == (Path("backup/national"), Path("backup/city"))
    assert told.municipality_file == SOJA / "municipality.yaml"
