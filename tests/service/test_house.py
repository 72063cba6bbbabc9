"""The rules of the house (`ops/design/house.md`), read from the source: floors, doors, lengths, names, statements.

A table of exceptions below is exact: what it names must still need the exception, so nothing stays in it by accident.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest

from service.settings import ROOT
from service.store.statements import FOLDER, Statement, statement
from tests.house import FLOORS, Source, sources
from tests.tracked import texts

DOORS = {"neo4j": "graph", "jinja2": "pages"}
"""Libraries that one module alone knows."""

FUNCTION_LINES = 40
MODULE_LINES = 450
LONGER: dict[str, int] = {}
"""Modules that have yet to be divided; they may shrink, not grow."""

CROWDED = {
    "catalogue.details",
    "catalogue.item",
    "codes.decode",
    "codes.encode",
    "deadlines.due",
    "diagrams.find_or_add",
    "guidance.guide",
    "subgraph.item_from_node",
}
"""Public functions that still take a third argument by position."""

PLACEHOLDERS = {"utils", "util", "helpers", "helper", "manager", "managers", "base", "common", "misc"}
JAPANESE = re.compile(r"[\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uff10-\uff5a]")
CYPHER = re.compile(
    r"\b(?:MATCH|MERGE|CREATE|UNWIND|FOREACH)\s*[(\[]|\bDETACH\s+DELETE\b|\bUNWIND\s+\$"
    r"|^\s*(?:MATCH|MERGE|CREATE|RETURN|CALL|ALTER|SHOW|PROFILE|EXPLAIN)\s"
)
OWN_STATEMENTS = {"RETURN 1", "PROFILE "}
"""What `graph` says to a database itself: whether it is there, its password, and how it plans a statement."""

LENT = {
    ("catalogue", "whole"): {"archives", "building", "edits"},
}
"""Statements that other modules run too; all others are run by the module that their folder names."""


NOT_RUN_YET: set[str] = set()
"""Statements that the service does not run: to prove the chain of changes, and for the first migration."""


@dataclass(frozen=True, slots=True)
class Run:
    """A place where a module runs a statement, with the parameters that it gives by name."""

    module: str
    folder: str
    name: str
    params: frozenset[str]


@cache
def floors() -> dict[str, int]:
    """The floor of each module in the table."""
    return {name: floor for floor, names in FLOORS.items() for name in names}


def imported(tree: ast.AST) -> Iterator[str]:
    """The full names of all that a module imports, at its top or inside functions."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "imports name the package: no relative ones"
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def own_imports(source: Source) -> set[str]:
    """The modules of `service/` that a module imports."""
    names = {one.removeprefix("service.") for one in imported(source.tree) if one.startswith("service.")}
    modules = {other.name for other in sources()}
    return {name if name in modules else name.rpartition(".")[0] for name in names}


def functions(tree: ast.AST) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    """Every function, also methods and those inside others."""
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


def strings(tree: ast.AST) -> Iterator[ast.Constant]:
    """Every text that is no docstring; the fixed parts of f-strings too."""
    docs = {
        id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in docs:
            yield node


@cache
def statements() -> tuple[Statement, ...]:
    """Every statement of `cypher/`; reading one fails when its header is not whole."""
    return tuple(statement(file.parent.name, file.stem) for file in sorted(FOLDER.glob("*/*.cypher")))


def runs() -> Iterator[Run]:
    """Every place that names a statement's folder and name; a name kept in a constant stands for all it can be."""
    folders = {folder.name for folder in FOLDER.iterdir()}
    for source in sources():
        named: list[Run] = []
        chosen: list[Run] = []
        for node in ast.walk(source.tree):
            if not isinstance(node, ast.Call) or len(node.args) < 2 or not isinstance(node.func, ast.Attribute):
                continue
            if node.func.attr not in {"many", "one", "profile"}:
                continue
            folder, name = node.args[0], node.args[1]
            if not isinstance(folder, ast.Constant) or folder.value not in folders:
                continue
            params = frozenset(word.arg for word in node.keywords if word.arg) - {"own_writes"}
            if isinstance(name, ast.Constant):
                named.append(Run(source.noun, str(folder.value), str(name.value), params))
                continue
            for text in map(str, (one.value for one in strings(source.tree))):
                if (FOLDER / str(folder.value) / f"{text}.cypher").is_file():
                    chosen.append(Run(source.noun, str(folder.value), text, params))
        literal = {(run.folder, run.name) for run in named}
        yield from named
        yield from (run for run in chosen if (run.folder, run.name) not in literal)


def by_name(source: Source) -> str:
    """What pytest calls a module."""
    return source.name


every_module = pytest.mark.parametrize("source", sources(), ids=by_name)


def test_every_module_has_a_floor() -> None:
    listed = [name for names in FLOORS.values() for name in names]
    assert len(listed) == len(set(listed)), "a module stands on one floor"
    assert sorted(listed) == sorted(source.name for source in sources())


@every_module
def test_imports_go_down(source: Source) -> None:
    """Strictly down, so there can be no cycle either."""
    own = floors()[source.name]
    level = {name: floors()[name] for name in own_imports(source) if floors()[name] >= own}
    assert not level, f"{source.name} stands on floor {own}"


def test_each_library_behind_a_door_has_one_user() -> None:
    users: dict[str, set[str]] = {library: set() for library in DOORS}
    for source in sources():
        for name in imported(source.tree):
            library = name.partition(".")[0]
            if library in users:
                users[library].add(source.name)
    assert users == {library: {door} for library, door in DOORS.items()}


def attributes(tree: ast.AST) -> set[str]:
    """Everything written as `name.attribute`, and what is imported by name, in that form."""
    used = {
        f"{node.value.id}.{node.attr}"
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name)
    }
    return used | {".".join(name.rsplit(".", 2)[-2:]) for name in imported(tree)}


def test_the_environment_is_read_in_settings_alone() -> None:
    ways = {"os.environ", "os.environb", "os.getenv", "os.getenvb"}
    assert {source.name for source in sources() if attributes(source.tree) & ways} == {"settings"}


def test_the_time_is_read_in_clock_alone() -> None:
    ways = {"datetime.now", "datetime.utcnow", "datetime.today", "date.today"}
    ways |= {
        f"time.{name}{unit}" for name in ("time", "monotonic", "perf_counter", "process_time") for unit in ("", "_ns")
    }
    ways |= {f"time.{name}" for name in ("localtime", "gmtime", "strftime", "ctime")}
    assert {source.name for source in sources() if attributes(source.tree) & ways} == {"clock"}


def test_names_say_what_a_module_is() -> None:
    words = {word for source in sources() for word in re.split(r"[._]", source.name)}
    assert not words & PLACEHOLDERS


@every_module
def test_functions_are_short(source: Source) -> None:
    """Signatures do not count: the formatter gives each argument a line of its own when there are many."""
    lengths = {one.name: (one.end_lineno or 0) - one.body[0].lineno + 1 for one in functions(source.tree)}
    assert {name: lines for name, lines in lengths.items() if lines > FUNCTION_LINES} == {}


@every_module
def test_modules_are_short(source: Source) -> None:
    lines = len(source.text.splitlines())
    assert lines <= LONGER.get(source.name, MODULE_LINES)
    assert lines > MODULE_LINES or source.name not in LONGER, "short now: take it out of LONGER"


@every_module
def test_what_is_public_is_described(source: Source) -> None:
    """The module, and every class, function and method of a public name; members of protocols speak by their type."""
    assert ast.get_docstring(source.tree), source.name
    bare = [f"{source.name}.{name}" for name in undescribed(source.tree)]
    assert bare == []


def undescribed(node: ast.Module | ast.ClassDef) -> Iterator[str]:
    """Public classes, functions and methods without a docstring."""
    for one in node.body:
        if not isinstance(one, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef) or one.name.startswith("_"):
            continue
        if not ast.get_docstring(one):
            yield one.name
        if isinstance(one, ast.ClassDef) and not is_protocol(one):
            yield from undescribed(one)


def is_protocol(one: ast.ClassDef) -> bool:
    """Whether the class only says what others have."""
    return any(isinstance(base, ast.Name) and base.id == "Protocol" for base in one.bases)


def test_few_arguments_go_by_position() -> None:
    """Two in public functions; routes may have more, because the framework calls them by name."""
    assert {name for source in sources() for name in crowded(source)} == CROWDED


def crowded(source: Source) -> Iterator[str]:
    """Public functions and methods with more than two arguments by position, self and cls not counted."""
    methods = [part for one in source.tree.body if isinstance(one, ast.ClassDef) for part in one.body]
    for one in [*source.tree.body, *methods]:
        if not isinstance(one, ast.FunctionDef | ast.AsyncFunctionDef) or one.name.startswith("_"):
            continue
        names = [argument.arg for argument in (*one.args.posonlyargs, *one.args.args)]
        given = [name for name in names if name not in {"self", "cls"}]
        called_by_framework = any(
            isinstance(decorator, ast.Call) and ast.unparse(decorator.func).startswith("router.")
            for decorator in one.decorator_list
        )
        if len(given) > 2 and not called_by_framework:
            yield f"{source.noun}.{one.name}"


def test_statements_are_run_by_the_module_of_their_folder() -> None:
    users: dict[tuple[str, str], set[str]] = {}
    for run in runs():
        users.setdefault((run.folder, run.name), set()).add(run.module)
    lent = {key: modules - {key[0]} for key, modules in users.items() if modules - {key[0]}}
    assert lent == LENT


def test_every_statement_is_run_and_every_run_has_its_statement() -> None:
    run = {f"{one.folder}/{one.name}" for one in runs()}
    assert run | NOT_RUN_YET == {one.name for one in statements()}
    assert not run & NOT_RUN_YET, "run now: take it out of NOT_RUN_YET"


@pytest.mark.parametrize("one", statements(), ids=lambda one: one.name)
def test_headers_tell_the_parameters(one: Statement) -> None:
    code = re.sub(r"//.*", "", one.text)
    assert set(re.findall(r"\$([a-z_]+)\b(?!\()", code)) == set(one.params)
    assert len(set(one.params)) == len(one.params)
    assert one.purpose[-1] not in ":,"


def test_runs_give_the_parameters_of_the_header() -> None:
    wanted = {one.name: frozenset(one.params) for one in statements()}
    given = [(run.module, f"{run.folder}/{run.name}", run.params) for run in runs()]
    assert [one for one in given if one[2] != wanted[one[1]]] == []


@pytest.mark.parametrize("one", statements(), ids=lambda one: one.name)
def test_statements_that_read_do_not_write(one: Statement) -> None:
    code = re.sub(r"//.*", "", one.text)
    writes = bool(re.search(r"\b(CREATE|MERGE|SET|DELETE|REMOVE|DROP)\b", code))
    assert writes == (one.access == "write")


def test_statements_stand_in_cypher_alone() -> None:
    found = {
        (source.name, text.value)
        for source in sources()
        for text in strings(source.tree)
        if CYPHER.search(str(text.value))
    }
    assert found == {("graph", text) for text in OWN_STATEMENTS}


def test_routes_hold_no_words_for_residents() -> None:
    found = [
        (source.name, text.lineno, text.value)
        for source in sources()
        if source.name.startswith("routes.")
        for text in strings(source.tree)
        if JAPANESE.search(str(text.value))
    ]
    assert found == []


def templates() -> list[Path]:
    """Every template."""
    return sorted((ROOT / "web" / "templates").rglob("*.html"))


@pytest.mark.parametrize("file", templates(), ids=lambda file: file.name)
def test_templates_have_no_inline_code(file: Path) -> None:
    """The content security policy would refuse it, silently for those who do not look at the console."""
    text = re.sub(r"\{#.*?#\}", "", file.read_text(encoding="utf-8"), flags=re.DOTALL)
    assert not re.search(r"<style\b", text)
    assert not re.search(r"\sstyle\s*=", text)
    assert not re.search(r"\son[a-z]+\s*=", text)
    assert not re.search(r"javascript:", text)
    assert not re.search(r"<script\b(?![^>]*\bsrc=)", text)
    assert not re.search(r"\|\s*safe\b|autoescape\s+false", text), "only the rendering door marks text as HTML"


def test_pages_ask_no_third_party() -> None:
    """Addresses of others stand in the content, as links; nothing that a page loads does."""
    pages = [*templates(), *(ROOT / "web" / "static").glob("*.css"), *(ROOT / "web" / "static").glob("*.js")]
    pages += (ROOT / "web" / "static").glob("*.svg")
    named = {
        (file.name, address)
        for file in pages
        for address in re.findall(r"(?:https?:)?//[a-z0-9-]+\.[^\s\"'<>)]+", file.read_text(encoding="utf-8"))
        if not address.startswith("http://www.w3.org/")
    }
    assert named == set()


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
