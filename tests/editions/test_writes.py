"""One way in: pages, API and commands can all do what the service can, and none of them writes past it.

What pages can ask, programs can ask too.
"""

from __future__ import annotations

import ast
import importlib
import inspect
import pkgutil
from collections.abc import Iterator
from pathlib import Path

import pytest

import service.editions
from service.editions.service import EditionService
from service.settings import ROOT

CALLERS = {
    "pages": sorted((ROOT / "service/web/staff").glob("*.py")),
    "API": [ROOT / "service/web/api/staff.py"],
    "commands": [*sorted((ROOT / "service/cli").glob("*.py")), ROOT / "service/__main__.py"],
}


def _takes_an_actor(function: object) -> bool:
    return inspect.iscoroutinefunction(function) and "by" in inspect.signature(function).parameters


WRITES = sorted(name for name, function in vars(EditionService).items() if name[0] != "_" and _takes_an_actor(function))


READS = sorted(
    name
    for name, function in vars(EditionService).items()
    if name[0] != "_" and inspect.iscoroutinefunction(function) and name not in WRITES
)
OF_THE_INSIDE = {"around", "close", "has_new_law", "number"}
"""What the sentences of the history need, the end, whether there is a law to look at (told by its preview), and
what a name of an edition means: no answers of their own."""


def _domain_writes() -> set[tuple[str, str]]:
    """Every function of `service.editions` that acts for somebody, by module and name."""
    found = set()
    for module in pkgutil.iter_modules(service.editions.__path__):
        loaded = importlib.import_module(f"service.editions.{module.name}")
        for name, function in vars(loaded).items():
            if _takes_an_actor(function) and function.__module__ == loaded.__name__:
                found.add((module.name, name))
    return found


def _attributes(files: list[Path]) -> Iterator[ast.Attribute]:
    for file in files:
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Attribute):
                yield node


def _asked(files: list[Path]) -> set[str]:
    """The names that are called on the service."""
    return {
        node.attr
        for node in _attributes(files)
        if ast.unparse(node.value).endswith(("service", "_service(request)", "EditionService")) or node.attr in WRITES
    }


def test_there_are_writes() -> None:
    assert {"fork", "save", "revert", "merge", "publish", "keep_scenario", "issue_link", "import_content"} <= set(
        WRITES
    )
    assert ("edits", "change") in _domain_writes()


@pytest.mark.parametrize("caller", CALLERS)
@pytest.mark.parametrize("write", WRITES)
def test_every_write_is_reached_from_everywhere(caller: str, write: str) -> None:
    assert write in _asked(CALLERS[caller])


@pytest.mark.parametrize("caller", ["API", "commands"])
@pytest.mark.parametrize("read", [read for read in READS if read not in OF_THE_INSIDE])
def test_programs_can_ask_all_that_pages_can(caller: str, read: str) -> None:
    assert read in _asked(CALLERS[caller])


@pytest.mark.parametrize("read", ["readiness", "merge_preview", "interviews", "moves", "verify"])
def test_pages_and_programs_are_answered_by_the_same_function(read: str) -> None:
    assert read in READS and read in _asked(CALLERS["pages"])


@pytest.mark.parametrize("caller", CALLERS)
def test_nothing_writes_past_the_service(caller: str) -> None:
    called = {(node.value.id, node.attr) for node in _attributes(CALLERS[caller]) if isinstance(node.value, ast.Name)}
    assert not called & _domain_writes()
    imported = {
        (node.module.rpartition(".")[2], name.name)
        for file in CALLERS[caller]
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        if isinstance(node, ast.ImportFrom) and node.module and node.module.startswith("service.editions.")
        for name in node.names
    }
    assert not imported & _domain_writes()
