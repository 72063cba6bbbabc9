"""Documents of format 1: converted without gaining certainty, refused where their own fields are wrong."""

from __future__ import annotations

from typing import Any

import pytest

from service.content.basis import as_residents_see, to_ask
from service.content.loading import read_bytes, read_plain
from service.content.models import Basis, Procedure, Source
from service.errors import InvalidContent

URL = "https://www.example.jp/a"


def _procedure(**fields: Any) -> Procedure:
    lists = {
        "documents": [{"key": "card", "name": "カード"}],
        "windows": [{"key": "office", "name": "市民課"}, {"key": "branch", "name": "支所"}],
        "laws": [{"key": "law", "name": "法律"}],
        "procedures": [{"key": "notice", "name": "届出", **fields}],
    }
    return read_plain({"format": 1, **lists}).procedures[0]


@pytest.mark.parametrize(
    ("fields", "basis"),
    [
        ({}, Basis.model_validate("city")),
        ({"status": "verified"}, Basis.model_validate("city")),
        ({"source_url": URL}, Basis.model_validate("city")),
        ({"source": "人から聞いた"}, Basis.model_validate("city")),
        ({"scope": "example", "status": "verified"}, Basis.model_validate("elsewhere")),
    ],
)
def test_the_basis_follows_from_scope_status_and_source(fields: dict[str, Any], basis: Basis) -> None:
    assert _procedure(**fields).basis == basis


@pytest.mark.parametrize("scope", ["national", "prefecture"])
def test_a_nationwide_procedure_has_its_duty_from_the_law_and_no_more(scope: str) -> None:
    basis = _procedure(scope=scope).basis
    assert (basis.duty, basis.deadline, basis.amount) == ("law", "law", "law")
    assert {basis.documents, basis.windows, basis.postal, basis.proxy, basis.prepare, basis.fee} == {"elsewhere"}
    assert basis.online == "elsewhere"
    assert _procedure(scope=scope, online_url="https://myna.go.jp/").basis.online == "law"
    assert _procedure(scope=scope, online_url="https://myna.example.jp/").basis.online == "elsewhere"
    confirmed = _procedure(scope=scope, status="verified").basis
    assert (confirmed.duty, confirmed.documents, confirmed.windows) == ("law", "city", "city")


def test_sources_and_what_lateness_costs_move() -> None:
    found = _procedure(source="市のページ", source_url=URL, checked_on="2026-04-01", consequence="過料があります。")
    assert found.sources == [Source(url=URL, title="市のページ", basis="city", checked_on="2026-04-01")]
    assert found.if_late == "過料があります。"
    assert _procedure().sources is None
    elsewhere = _procedure(scope="national", source_url=URL)
    assert elsewhere.sources == [Source(url=URL, basis="elsewhere")]
    assert as_residents_see(elsewhere).sources is None, "what strangers say carries nothing"
    state = _procedure(scope="national", source_url="https://laws.e-gov.go.jp/law/1").sources
    assert state is not None and state[0].basis == "law"


def test_a_list_that_is_empty_was_never_said_to_be() -> None:
    empty: dict[str, Any] = {"needs": [], "handled_at": [], "governed_by": []}
    for fields in (empty, {}):
        found = _procedure(**fields)
        assert (found.needs, found.handled_at, found.governed_by) == (None, None, None)
    assert _procedure(needs=["card"], handled_at=["office", "branch"]).handled_at == ["office", "branch"]


def test_a_window_and_a_law_are_converted() -> None:
    windows = [
        {"key": "office", "name": "市民課", "status": "verified", "source_url": URL, "checked_on": "2026-04-01"},
        {"key": "branch", "name": "支所", "status": "unverified", "source_url": URL},
    ]
    laws = [
        {"key": "law-a", "name": "法律", "article": "第9条"},
        {"key": "law-b", "name": "法律", "article": "第9条（条番号は要確認）"},
    ]
    found = read_plain({"format": 1, "windows": windows, "laws": laws})
    assert [window.basis for window in found.windows] == ["city", None]
    assert found.windows[0].sources == [Source(url=URL, basis="city", checked_on="2026-04-01")]
    assert [law.article for law in found.laws] == ["第9条", None], "an article that nobody checked is absent"


def test_what_is_wrong_with_the_old_fields_is_told_where_it_stands() -> None:
    text = (
        "format: 1\nprocedures:\n  - key: a\n    name: 届出\n    status: sure\n    scope: town\n"
        "    checked_on: 令和8年\n"
        "  - key: b\n    name: 届出\n    basis: city\n  - key: c\n    nome: 届出\n"
    )
    with pytest.raises(InvalidContent) as refused:
        read_bytes(text.encode(), "a.yaml")
    told = {(problem.path, problem.line) for problem in refused.value.problems}
    assert told == {
        ("/procedures/0/status", 5),
        ("/procedures/0/scope", 6),
        ("/procedures/0/checked_on", 7),
        ("/procedures/1/basis", 10),
        ("/procedures/2/name", 11),
        ("/procedures/2/nome", 12),
    }
    [basis] = [one.message for one in refused.value.problems if one.path == "/procedures/1/basis"]
    assert "format: 2" in basis


def test_needs_that_were_left_out_are_to_be_asked_about() -> None:
    """Another city's first content (a public bug report): nothing to bring was said of it, and is not said now."""
    deadline = {"value": 14, "unit": "day", "from": "住み始めた日", "first_day_counts": False}
    found = _procedure(deadline=deadline, handled_at=["office", "branch"], source_url=URL)
    assert found.needs is None and to_ask(found) == ("documents", "online")
    assert as_residents_see(found) == found, "the rest is the city's own and is told"
    said = found.model_copy(update={"needs": []})
    assert to_ask(said) == ("online",)
