"""The search as residents use it, over HTTP."""

from __future__ import annotations

import re
from collections.abc import Iterator

import httpx
import pytest

from service.settings import Settings
from tests.guidance.test_everyday_words import LISTED
from tests.seed import seed
from tests.web.serving import publish, served, settled


@pytest.fixture(scope="module")
def site(settings: Settings) -> Iterator[httpx.Client]:
    """A client of the service on the content of the seed."""
    publish(settings, seed(), title="最初の版")
    with served(settings) as (_, client):
        settled(client, "/search?q=転入届")
        yield client


def _found(page: httpx.Response, kind: str = "procedures") -> list[str]:
    assert page.status_code == 200
    return re.findall(rf'href="/{kind}/([a-z0-9-]+)"', page.text.split("<main", 1)[1])


@pytest.mark.parametrize(
    "word",
    [
        "児童手当て",
        "転居届け",
        "転入とどけ",
        "こども手当",
        "お葬式",
        "死んだ",
        "くるま",
        "旧姓",
        "印かん",
        "母子手帳",
        "出産一時金",
        "ひっこし",
        "引越し",
        "お悔やみ",
    ],
)
def test_everyday_words_bring_the_right_procedure_first(site: httpx.Client, word: str) -> None:
    assert _found(site.get("/search", params={"q": word}))[0] in LISTED[word]


@pytest.mark.parametrize(
    "typed",
    [
        "\ufeff転入届",
        "転入\u200b届",
        "転入届\u200e",
        "転\U000e0100入届",
        "\u00a0転入届",
        "転入届\u3164",
        "転入屆",
        "ﾃﾝﾆｭｳﾄﾄﾞｹ",
    ],
)
def test_letters_that_nobody_sees_make_no_difference(site: httpx.Client, typed: str) -> None:
    assert _found(site.get("/search", params={"q": typed}))[0] == "tennyu"


def test_a_life_event_is_offered_to_begin_with(site: httpx.Client) -> None:
    page = site.get("/search", params={"q": "引っ越し"}).text
    for event in ("moving-in", "moving-within", "moving-out"):
        assert f'href="/guide?event={event}"' in page
    assert page.index("質問に答えて調べる") < page.index("手続き　")


def test_a_branch_office_is_a_window(site: httpx.Client) -> None:
    assert _found(site.get("/search", params={"q": "支所"}), "windows") == ["window-shucchoujo"]


def test_a_slip_is_asked_back_and_shows_what_was_meant(site: httpx.Client) -> None:
    page = site.get("/search", params={"q": "じどうてあと"})
    assert "もしかして" in page.text and "は見つかりませんでした" in page.text
    assert _found(page)[0] in LISTED["児童手当て"]
    word = re.search(r'もしかして：</b><a href="(/search\?q=[^"]+)">', page.text)
    assert word and _found(site.get(word[1])) == _found(page)


def test_a_sentence_shows_the_nearest_and_says_so(site: httpx.Client) -> None:
    page = site.get("/search", params={"q": "おととい旦那が死んだ"})
    assert "すべての言葉にあてはまるものはありませんでした" in page.text and _found(page)[0] == "shibou"


def test_nothing_is_said_to_be_nothing(site: httpx.Client) -> None:
    page = site.get("/search", params={"q": "冥王星"})
    assert "見つかりませんでした" in page.text and "もしかして" not in page.text and _found(page) == []


def test_why_is_asked_in_everyday_words(site: httpx.Client) -> None:
    page = site.get("/why", params={"event": "birth", "q": "こども手当"})
    assert "児童手当の認定請求（出生）" in page.text
