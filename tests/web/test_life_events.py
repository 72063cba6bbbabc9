"""Life events chosen again: the answers and days that still count go along, and what does not is named."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import unescape

import httpx
import pytest
from fastapi import FastAPI

from service import clock
from service.settings import Settings
from tests.seed import seed
from tests.web.reading import hidden_fields
from tests.web.serving import publish, settled

GIVEN = "event=moving-in&a=family:over-65&a=health-insurance:kokuho&a=transfer-out:paper"


@pytest.fixture(scope="module")
def site(settings: Settings, service: tuple[FastAPI, httpx.Client]) -> Iterator[httpx.Client]:
    """The service with the first edition live."""
    publish(settings, seed(), title="最初の版")
    client = service[1]
    client.follow_redirects = True
    settled(client, "/result?event=moving-in")
    yield client


def _today() -> str:
    return clock.today().isoformat()


def _fields(html: str) -> list[tuple[str, str]]:
    """The hidden fields of the first form."""
    form = re.search(r'<form action="/guide".*?</form>', html, re.DOTALL)
    assert form is not None
    return hidden_fields(form[0])


def _changed(site: httpx.Client, address: str, *events: str) -> httpx.Response:
    """From the review by 「どうされましたか 変える」 to these life events."""
    review = site.get(f"/review?{address}").text
    link = re.search(r'href="(/\?[^"]*)">変える', review)
    assert link is not None
    carried = _fields(site.get(unescape(link[1])).text)
    return site.get("/guide", params=httpx.QueryParams([*carried, *(("event", event) for event in events)]))


def _answers(url: httpx.URL) -> set[str]:
    return set(url.params.get_list("a"))


def test_a_life_event_that_is_added_keeps_answers_and_days(site: httpx.Client) -> None:
    """Case 07: bloom-housing#999, alaveteli#6138, eq-survey-runner#1822."""
    page = _changed(site, f"{GIVEN}&date=moving-in:{_today()}", "moving-in", "birth")
    hidden = dict.fromkeys(_fields(page.text))
    assert ("a", "family:over-65") in hidden and ("a", "health-insurance:kokuho") in hidden
    assert ("a", "transfer-out:paper") in hidden and ("date", f"moving-in:{_today()}") in hidden
    assert ("event", "birth") in hidden and "使わない答え" not in page.text


def test_what_another_life_event_does_not_ask_for_is_named_and_left_behind(site: httpx.Client) -> None:
    address = f"{GIVEN}&date=moving-in:{_today()}"
    page = _changed(site, address, "death")
    told = re.search(r"使わない答えは、のぞきました：(.*?)</li>", page.text)
    assert told is not None
    called = {one.key: one.section or one.text for one in seed().questions}
    for question in ("family", "health-insurance", "transfer-out"):
        assert f"「{called[question]}」" in told[1]
    assert "「住み始めた日」" in told[1]
    assert not [value for name, value in _fields(page.text) if name in ("a", "date")]


def test_answers_of_no_chosen_life_event_count_nowhere(site: httpx.Client) -> None:
    """On no page of the same address, and in no code."""
    plain, more = (site.get(f"/result?event=death{given}").text for given in ("", "&a=transfer-out:paper"))
    code = re.compile(r'class="code">([^<]+)<')
    assert code.findall(plain) == code.findall(more)
    assert "使わない答え" in more and "使わない答え" not in plain
    assert "使わない答え" in site.get("/review?event=death&a=transfer-out:paper").text


def test_back_from_the_first_question_keeps_the_answers(site: httpx.Client) -> None:
    questions = [one for one in seed().questions if one.key == "transfer-out"]
    page = site.get(f"/guide?{GIVEN}&ask={questions[0].key}").text
    seen = 0
    while (back := re.search(r'class="back no-print"><a[^>]*href="([^"]*)"', page)) and seen < 20:
        address, seen = unescape(back[1]), seen + 1
        if address.startswith("/?"):
            assert _answers(httpx.URL(address)) == {"family:over-65", "health-insurance:kokuho", "transfer-out:paper"}
            break
        page = site.get(address).text
    else:
        pytest.fail("there is no way back to the beginning")


def test_choosing_no_life_event_at_all_keeps_them_too(site: httpx.Client) -> None:
    page = site.get("/guide?a=family:over-65&date=birth:2026-01-01")
    assert page.url.path == "/" and "まだ選ばれていません" in page.text
    assert {("a", "family:over-65"), ("date", "birth:2026-01-01")} <= set(_fields(page.text))
    assert site.get("/guide").url.query == b"none=1"


# Days and the calendar


def test_an_unlikely_day_is_asked_about_once(site: httpx.Client) -> None:
    later = clock.today().replace(year=clock.today().year + 1, day=1)
    day = {"date-death-y": f"令和{later.year - 2018}", "date-death-m": str(later.month), "date-death-d": "1"}
    page = site.get("/result", params={"event": "death"} | day)
    assert page.url.path == "/result" and "この日付で合っていますか" in page.text
    sure = re.findall(r'name="sure" value="([^"]*)"', page.text)
    assert sure == [f"death:{later.isoformat()}"]
    again = site.get("/result", params={"event": "death", "sure": sure[0]} | day)
    assert again.url.params["date"] == sure[0] and "この日付で合っていますか" not in again.text
    review = site.get(f"/review?{again.url.query.decode()}").text
    assert f'name="sure" value="{sure[0]}"' in review, "a day that was confirmed is not asked about again"


def test_a_calendar_is_offered_with_a_day_alone(site: httpx.Client) -> None:
    without = site.get("/result?event=moving-in").text
    assert "/result.ics" not in without
    assert site.get("/result.ics?event=moving-in").url.path == "/review"
    dated = f"event=moving-in&a=transfer-out:paper&date=moving-in:{_today()}"
    assert "/result.ics" in site.get(f"/result?{dated}").text
    assert site.get(f"/result.ics?{dated}").headers["content-type"].startswith("text/calendar")


def test_a_corrected_day_moves_the_entry_whatever_the_guide_is_called(site: httpx.Client) -> None:
    """Case 16: angus-events-plugin#51 and #62, icalendar#247."""
    uids = set()
    for day, host in (("2026-11-18", "a.example"), ("2026-11-20", "a.example"), ("2026-11-20", "b.example")):
        text = site.get(f"/result.ics?event=moving-in&date=moving-in:{day}", headers={"host": host}).text
        entries = text.replace("\r\n ", "").split("BEGIN:VEVENT")[1:]
        mine = [entry for entry in entries if "SUMMARY:転入届" in entry]
        assert mine, text
        uids |= set(re.findall(r"UID:(\S+)", mine[0]))
        assert host not in "".join(re.findall(r"UID:(\S+)", text))
    assert len(uids) == 1
