"""The documents tell all: settings, statements, error codes, commands, make targets; and no link is dead."""

from __future__ import annotations

import re
from pathlib import Path
from urllib.parse import unquote

import pytest

from ops import references
from service.settings import ROOT, Settings
from tests.tracked import files, texts

README = ROOT / "README.md"


@pytest.mark.parametrize("name", references.REFERENCES)
def test_references_say_what_the_code_says(name: str) -> None:
    """`make references` writes them anew."""
    assert (references.OPS / name).read_text(encoding="utf-8") == references.written(name)


@pytest.mark.parametrize(
    ("name", "known"),
    [
        ("commands.md", "## rollback"),
        ("settings.md", "| `TETSUZUKI_PORT` | `8000` |"),
        ("pages.md", "| `POST /staff/editions/{number}/publish` |"),
        ("queries.md", "| `guidance/engine/select` |"),
        ("errors.md", "| `too_many` | 429 |"),
        ("content.md", "| `handled_at` | 窓口 |"),
    ],
)
def test_references_reach_everything(name: str, known: str) -> None:
    """A reference that lost its source would agree with itself."""
    assert known in references.written(name)


def test_every_setting_says_what_it_does() -> None:
    assert [name for name, field in Settings.model_fields.items() if not field.description] == []


def test_every_variable_of_the_tests_is_documented() -> None:
    text = (ROOT / "ops" / "settings.md").read_text(encoding="utf-8")
    named = {
        name
        for file, source in texts()
        if file.suffix == ".py" and file != Path(__file__)
        for name in re.findall(r"TETSUZUKI_[A-Z0-9_]*[A-Z0-9]\b", source)
    }
    assert {name for name in named if name not in text} == set()


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
