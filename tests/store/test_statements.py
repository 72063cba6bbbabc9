"""The headers of the statements say what the statements take and whether they write."""

from __future__ import annotations

import re

from service.store.statements import Statement, every

WRITES = re.compile(r"\b(CREATE|MERGE|SET|DELETE|REMOVE|DROP)\b")


def code(one: Statement) -> str:
    """The text of a statement without its comments."""
    return re.sub(r"//.*", "", one.text)


def test_headers_name_the_parameters_once() -> None:
    found = {one.name: sorted(set(re.findall(r"\$(?:sent\.)?([a-z_]+)\b(?!\()", code(one)))) for one in every()}
    assert found
    assert found == {one.name: sorted(one.params) for one in every()}


def test_headers_say_which_statements_write() -> None:
    found = {one.name: "write" if WRITES.search(code(one)) else "read" for one in every()}
    assert found == {one.name: one.access for one in every()}


def test_headers_give_a_whole_sentence() -> None:
    assert [one.name for one in every() if one.purpose[-1] in ":,"] == []
