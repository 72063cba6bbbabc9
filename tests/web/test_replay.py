"""A newer edition goes live while residents answer, and while their printed codes are still about."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from html import unescape

import httpx
import pytest

from service.content.models import Content
from service.settings import Settings
from tests.seed import small
from tests.web.reading import cards_of, hidden_fields
from tests.web.serving import publish, served, settled

STALE_AT_MOST = 1.0
BEGUN = (
    "/guide?event=death&a=death-notice:done&a=deceased-age:over-65&a=deceased-head:yes-two&a=deceased-insurance:kokuho"
)


def _changed(content: Content, *, title: str) -> Content:
    """The content after a revision: one question asks otherwise, one choice is called otherwise, one has gone."""
    questions = []
    for one in content.questions:
        if one.key == "deceased-head":
            one = one.model_copy(update={"text": f"{one.text}（{title}）"})
        if one.key == "deceased-pension":
            options = [option.model_copy(update={"label": f"{option.label}・改"}) for option in one.options]
            one = one.model_copy(update={"options": options})
        questions.append(one)
    terms = [one.model_copy(update={"meaning": f"{one.meaning}（{title}）"}) for one in content.terms]
    return content.model_copy(update={"questions": questions, "terms": terms})


@pytest.fixture
def editions(settings: Settings) -> Iterator[list[int]]:
    """The first edition live, and a list to which `_newer` adds; the first is live again afterwards."""
    yield [publish(settings, small("death", "birth"), title="最初の版")]
    publish(settings, small("death", "birth"), title="最初の版")


@pytest.fixture
def site(settings: Settings, editions: list[int]) -> Iterator[httpx.Client]:
    """A service that has just begun to answer."""
    with served(settings) as (_, client):
        settled(client, BEGUN)
        yield client


def _newer(settings: Settings, *, title: str) -> int:
    number = publish(settings, _changed(small("death", "birth"), title=title), title=title)
    time.sleep(STALE_AT_MOST)
    return number


def _question(answer: httpx.Response) -> str:
    found = re.search(r'name="q" value="([^"]+)"', answer.text)
    return found[1] if found else ""


def _section(key: str) -> str:
    one = next(question for question in small("death", "birth").questions if question.key == key)
    return one.section or one.text


def test_answers_given_before_are_carried_over_and_the_next_page_says_what_changed(
    site: httpx.Client, settings: Settings, editions: list[int]
) -> None:
    """The resident only sends the form that is on the screen."""
    shown = site.get(BEGUN)
    assert dict(hidden_fields(shown.text))["from"].startswith(f"{editions[0]}-")
    assert _question(shown) == "deceased-pension"
    number = _newer(settings, title="二版")
    sent = [*hidden_fields(shown.text), ("o", "kokumin")]
    after = site.get("/guide", params=tuple(sent), follow_redirects=True)
    assert after.status_code == 200
    assert "案内の内容が新しくなりました" in after.text
    assert f"「{_section('deceased-head')}」の答えは、質問が新しくなったので" in after.text
    assert f"「{_section('deceased-pension')}」の答えは、選択肢が新しくなったので" in after.text
    now = hidden_fields(after.text)
    assert dict(now)["from"].startswith(f"{number}-")
    assert ("a", "deceased-insurance:kokuho") in now, "an answer that still counts was lost"
    assert not [value for name, value in now if name == "a" and value.startswith(("deceased-head", "deceased-pension"))]
    assert _question(after) == "deceased-head", "what changed is asked again"
    then = site.get("/guide", params=(*now, ("o", "yes-two")), follow_redirects=True)
    assert "案内の内容が新しくなりました" not in then.text, "it is said once"


@pytest.mark.parametrize("page", ["review", "result"])
def test_the_review_and_the_result_say_it_too(site: httpx.Client, settings: Settings, page: str) -> None:
    shown = site.get(BEGUN)
    address = [pair for pair in hidden_fields(shown.text) if pair[0] != "q"]
    _newer(settings, title="三版")
    answer = site.get(f"/{page}", params=tuple(address))
    assert answer.status_code == 200
    assert f"「{_section('deceased-head')}」の答えは、質問が新しくなったので" in answer.text


def _listing_otherwise(content: Content, *, key: str, name: str) -> Content:
    """The content after a revision: where the procedure of that key was listed, a new one of that name is."""
    own = next(one for one in content.procedures if one.key == key)
    new = own.model_copy(update={"key": "new-notice", "name": name, "follows": []})
    conditions = [
        one.model_copy(update={"selects": [new.key if selected == key else selected for selected in one.selects]})
        for one in content.conditions
    ]
    scenarios = [one for one in content.scenarios if key not in one.expects]
    return content.model_copy(
        update={"procedures": [*content.procedures, new], "conditions": conditions, "scenarios": scenarios}
    )


def test_the_result_says_which_procedures_the_list_lost_and_won(site: httpx.Client, settings: Settings) -> None:
    shown = site.get(BEGUN)
    address = [pair for pair in hidden_fields(shown.text) if pair[0] != "q"]
    before = site.get("/result", params=tuple(address))
    key = cards_of(before)[-1]
    name = next(one.name for one in small("death", "birth").procedures if one.key == key)
    publish(settings, _listing_otherwise(small("death", "birth"), key=key, name="新しくできた届け出"), title="八版")
    time.sleep(STALE_AT_MOST)
    after = site.get("/result", params=tuple(address))
    assert set(cards_of(after)) == set(cards_of(before)) - {key} | {"new-notice"}
    assert "この一覧に加わった手続き：「新しくできた届け出」</li>" in after.text
    assert f"この一覧から外れた手続き：「{name}」</li>" in after.text
    assert "答えはそのまま使っています" not in after.text
    now = [("from", "") if pair[0] == "from" else pair for pair in address]
    assert "この一覧" not in site.get("/result", params=tuple(now)).text, "it is said once"


def test_nothing_is_said_where_nothing_changed_under_the_answers(site: httpx.Client, settings: Settings) -> None:
    """Only the terms of the newer edition are others, and the list says that the answers are used as they are."""
    shown = site.get("/guide?event=birth")
    address = [pair for pair in hidden_fields(shown.text) if pair[0] != "q"]
    _newer(settings, title="四版")
    assert "新しくなりました" not in site.get("/guide", params=tuple(address)).text
    assert "答えはそのまま使っています" in site.get("/result", params=tuple(address)).text


def test_a_printed_code_opens_its_own_edition_and_offers_todays(
    site: httpx.Client, settings: Settings, editions: list[int]
) -> None:
    said = "event=death&a=deceased-head:yes-two&a=deceased-insurance:kokuho"
    sheet = site.get(f"/sheet?{said}").text
    found = re.search(rf"/e/{editions[0]}/[0-9A-Z]+", sheet)
    assert found
    before = site.get(found[0])
    assert "いまの案内とは違うことがあります" not in before.text
    number = _newer(settings, title="五版")
    after = site.get(found[0])
    assert after.status_code == 200 and cards_of(after) == cards_of(before)
    assert f"これは第{editions[0]}版" in after.text and "いまの案内とは違うことがあります" in after.text
    offered = re.search(r'href="(/result[^"]+)">同じ答えで', after.text)
    assert offered
    today = site.get(unescape(offered[1]))
    assert "案内の内容が新しくなりました" in today.text
    assert f"第{number}版によるものです" in today.text
    assert f"第{editions[0]}版" in site.get(f"{found[0]}/sheet").text


def test_a_code_is_none_in_another_edition(site: httpx.Client, settings: Settings, editions: list[int]) -> None:
    """The check letter holds the edition's number: a mistyped one opens nothing, never somebody else's list."""
    sheet = site.get("/sheet?event=death&a=deceased-head:yes-two").text
    found = re.search(rf"/e/{editions[0]}/([0-9A-Z]+)", sheet)
    assert found
    number = _newer(settings, title="六版")
    assert site.get(f"/e/{number}/{found[1]}").status_code == 404


def test_every_process_knows_the_live_edition_within_a_second(settings: Settings, editions: list[int]) -> None:
    with served(settings) as (_, one), served(settings) as (_, other):
        for client in (one, other):
            assert client.get("/api/v1/terms").json()["edition"]["number"] == editions[0]
        number = publish(settings, _changed(small("death", "birth"), title="七版"), title="七版")
        until = time.monotonic() + STALE_AT_MOST
        waiting = {"one": one, "other": other}
        while waiting:
            seen_at = time.monotonic()
            waiting = {
                name: client
                for name, client in waiting.items()
                if client.get("/api/v1/terms").json()["edition"]["number"] != number
            }
            assert not waiting or seen_at <= until, f"{sorted(waiting)} still tells the older edition"
