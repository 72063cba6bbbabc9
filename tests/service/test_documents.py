"""The documents tell all: settings, statements, error codes, commands, make targets; and no link is dead."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import TypeVar
from urllib.parse import unquote

import pytest
from fastapi.routing import APIRoute
from pydantic import SecretStr
from pydantic_core import PydanticUndefined

from service.errors import GuideError
from service.settings import ROOT, Settings
from service.web.residents.layout import CitizenPage, ErrorPage
from service.web.staff.layout import PreviewEndedPage, StaffPage
from tests import lists
from tests.modules import modules
from tests.tracked import files, texts

Kind = TypeVar("Kind")

README = ROOT / "README.md"
UNITS = ((1024 * 1024, "MiB"), (1024, "KiB"))


def rows(file: Path, *, heading: str) -> list[list[str]]:
    """The cells of the tables of a document whose first column has that heading."""
    found: list[list[str]] = []
    inside = False
    for line in file.read_text(encoding="utf-8").splitlines():
        cells = [cell.strip() for cell in line.strip().strip("|").split(" | ")] if line.startswith("|") else []
        if not cells:
            inside = False
        elif cells[0] == heading:
            inside = True
        elif inside and not set(line) <= set("|-: "):
            found.append(cells)
    assert found, f"{file.name} has no table with the column {heading!r}"
    return found


def code(cell: str) -> str:
    """What stands between the backticks of a cell; the cell itself where there are none."""
    match = re.fullmatch(r"`([^`]+)`", cell)
    return match[1] if match else cell


def settings_told() -> dict[str, str]:
    """Every setting with its default as the document should write it."""
    told = {}
    for name, entry in Settings.model_fields.items():
        variable = entry.validation_alias or f"TETSUZUKI_{name.upper()}"
        told[str(variable)] = default_told(name, entry.default)
    return told


def default_told(name: str, value: object) -> str:
    """A default in the document's words."""
    if value is None or isinstance(value, SecretStr):
        return "–"
    if value is PydanticUndefined:
        return "~/.cache/tetsuzuki"
    if isinstance(value, Path):
        return value.relative_to(ROOT).as_posix() if value.is_absolute() else "./" + value.as_posix()
    if name.endswith("_bytes") and isinstance(value, int):
        size, unit = next((size, unit) for size, unit in UNITS if value % size == 0)
        return f"{value // size} {unit}"
    return str(value)


def test_every_setting_is_documented_with_its_default() -> None:
    told = {
        code(cells[0]): code(cells[1])
        for cells in rows(ROOT / "ops" / "settings.md", heading="variable")
        if len(cells) == 3
    }
    assert told == settings_told()


def test_every_variable_of_the_tests_is_documented() -> None:
    text = (ROOT / "ops" / "settings.md").read_text(encoding="utf-8")
    named = {
        name
        for file, source in texts()
        if file.suffix == ".py" and file != Path(__file__)
        for name in re.findall(r"TETSUZUKI_[A-Z0-9_]*[A-Z0-9]\b", source)
    }
    assert {name for name in named if name not in text} == set()


def test_every_statement_is_documented_as_its_header_says() -> None:
    """`python -m tests.lists` writes the list anew."""
    assert lists.QUERIES.read_text(encoding="utf-8") == lists.queries()


def errors() -> dict[str, int]:
    """Every code with its status: those of the errors of all modules."""
    assert list(modules())
    return {one.code: one.status for one in family(GuideError)}


def family(one: type[Kind]) -> Iterator[type[Kind]]:
    """The class and all that derive from it."""
    yield one
    for child in one.__subclasses__():
        yield from family(child)


def test_every_error_code_is_documented_with_its_status() -> None:
    told = {code(cells[0]): int(cells[1]) for cells in rows(ROOT / "ops" / "errors.md", heading="code")}
    assert {"too_many", "timeout", "internal"} <= told.keys()
    assert told == errors()


def test_every_page_is_documented() -> None:
    """Its address, with POST where a form is sent there, and the template of its class."""
    told = rows(ROOT / "ops" / "pages.md", heading="address")
    assert sorted(code(cells[0]) for cells in told) == sorted(addresses())
    assert {code(cells[1]) for cells in told} - {"–"} == templates()


def addresses() -> Iterator[str]:
    """Every address of pages, as the document writes it; the API describes itself."""
    for module in modules():
        for route in module.router.routes if hasattr(module, "router") else []:
            if isinstance(route, APIRoute) and not route.path.startswith("/api/"):
                yield route.path if "GET" in route.methods else f"POST {route.path}"


def templates() -> set[str]:
    """The templates of all pages that have an address of their own."""
    pages = (one for root in (CitizenPage, StaffPage) for one in family(root))
    return {one.template for one in pages if "template" in vars(one) and one not in {ErrorPage, PreviewEndedPage}}


def targets() -> list[str]:
    """The targets of the Makefile that a person types."""
    text = (ROOT / "Makefile").read_text(encoding="utf-8")
    names = re.findall(r"^([a-z][a-z-]*)\s*:(?!=)", text, flags=re.MULTILINE)
    assert {"serve", "test"} <= set(names)
    return sorted(set(names))


def test_every_make_target_is_documented() -> None:
    text = README.read_text(encoding="utf-8")
    assert [name for name in targets() if f"make {name}" not in text] == []


def test_documented_make_targets_exist() -> None:
    named = {
        name for file, text in texts() if file.suffix == ".md" for name in re.findall(r"`make ([a-z][a-z-]*)", text)
    }
    assert named <= set(targets())


def test_every_command_is_documented() -> None:
    from service.__main__ import parser

    text = README.read_text(encoding="utf-8")
    help_text = parser().format_help()
    commands = re.findall(r"^    ([a-z]+) ", help_text, flags=re.MULTILINE)
    assert {"serve", "import", "export", "guide", "doctor"} <= set(commands)
    assert [name for name in commands if f"tetsuzuki {name}" not in text] == []


def documents() -> list[Path]:
    """Every Markdown document of the repository."""
    return [file for file in files() if file.suffix == ".md"]


@pytest.mark.parametrize("file", documents(), ids=lambda file: file.relative_to(ROOT).as_posix())
def test_links_lead_somewhere(file: Path) -> None:
    text = re.sub(r"```.*?```", "", file.read_text(encoding="utf-8"), flags=re.DOTALL)
    links = re.findall(r"\]\(([^)\s]+)\)", text) + re.findall(r"(?:src|href)=\"([^\"]+)\"", text)
    local = [link for link in links if not re.match(r"[a-z]+:|#", link)]
    known = set(files())
    dead = [
        link
        for link in local
        for target in [(file.parent / unquote(link.partition("#")[0])).resolve()]
        if target not in known and not any(target in one.parents for one in known)
    ]
    assert dead == []


def test_paths_that_are_spoken_of_exist() -> None:
    """Comments and documents lead readers to other files: those are there."""
    spoken = re.compile(
        r"(?<![\w/.-])(?:ops|seed|cypher|service|tests|web|bench)/[\w./-]*\w\.(?:md|py|cypher|lock|yaml|svg)\b"
    )
    known = {one.relative_to(ROOT).as_posix() for one in files()}
    dead = {
        (file.relative_to(ROOT).as_posix(), name)
        for file, text in texts()
        if file != Path(__file__)
        for name in spoken.findall(text)
        if name not in known
    }
    assert dead == set()


def test_nothing_names_a_place_of_somebodys_machine() -> None:
    """Paths of one machine in tracked text say where a thing was made, and lead nowhere for others."""
    place = re.compile(r"(?<![\w.\-}/])/(?:home|root|Users|work|mnt|workspace)/[\w.-]")
    found = {
        f"{file.relative_to(ROOT)}:{number}"
        for file, text in texts()
        for number, line in enumerate(text.splitlines(), start=1)
        if place.search(line) and file != Path(__file__)
    }
    assert found == set()
