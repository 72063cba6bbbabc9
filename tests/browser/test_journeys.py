"""Residents on their way in a real browser: from the life event to the list, and what may happen between."""

from __future__ import annotations

import re
from datetime import date, timedelta

import jpholiday
import pytest
from icalendar import Calendar
from playwright.sync_api import Browser, Locator, Page, expect

from service import clock
from service.web.residents.sheet import code_picture
from tests.browser.conftest import WAITS_MS, Site
from tests.browser.residents import (
    LISTED,
    answer,
    asked,
    begin,
    interview,
    listed,
    open_fold,
    path,
    said,
    scenario,
    tick,
    to_result,
)
from tests.seed import seed

HOUSEHOLDS = {
    "moving-in": "case-in-family-of-four",
    "moving-within": "case-within-self-employed",
    "moving-out": "case-out-abroad",
    "marriage": "case-marriage-with-child",
    "birth": "case-birth-second-kokuho",
    "death": "case-death-mother-over-75",
    "divorce": "case-divorce-mother-with-child",
    "name-change": "case-name-foreign-resident",
}
WEEKDAYS = "月火水木金土日"


def _check_list(page: Page, key: str) -> None:
    household, shown = scenario(key), listed(page)
    assert set(household.expects) <= shown, set(household.expects) - shown
    assert not set(household.rules_out) & shown


def test_every_life_event_is_walked() -> None:
    assert HOUSEHOLDS.keys() == {event.key for event in seed().life_events}
    for event, key in HOUSEHOLDS.items():
        assert scenario(key).life_events == [event] and scenario(key).expects and scenario(key).rules_out


@pytest.mark.parametrize("event", HOUSEHOLDS)
def test_from_home_to_the_list(page: Page, event: str) -> None:
    order = interview(page, scenario(HOUSEHOLDS[event]))
    assert set(order) == set(scenario(HOUSEHOLDS[event]).answers)
    to_result(page)
    _check_list(page, HOUSEHOLDS[event])
    assert len(listed(page)) == page.locator(LISTED).count(), "a procedure is listed twice"


def test_two_life_events_at_once(page: Page) -> None:
    interview(page, scenario("case-in-and-birth"))
    to_result(page)
    _check_list(page, "case-in-and-birth")


def test_without_scripts(browser: Browser, site: Site) -> None:
    with browser.new_context(base_url=site.url, java_script_enabled=False) as plain:
        plain.set_default_timeout(WAITS_MS)
        page = plain.new_page()
        interview(page, scenario("case-marriage-and-in"))
        to_result(page)
        _check_list(page, "case-marriage-and-in")
        expect(page.locator("[data-copy], [data-keeping]").filter(visible=True)).to_have_count(0)
        page.get_by_role("link", name="印刷する").click()
        expect(page.locator("article.sheet")).to_be_visible()


# The keyboard alone


def _tab_to(page: Page, target: Locator) -> None:
    for _ in range(80):
        if target.evaluate("one => one === document.activeElement"):
            return
        page.keyboard.press("Tab")
    pytest.fail(f"the keyboard does not reach {target}")


def _choose_by_keyboard(page: Page, values: list[str]) -> None:
    for value in values:
        wanted = page.locator(f'input[name="o"][value="{value}"]')
        if wanted.get_attribute("type") == "checkbox":
            _tab_to(page, wanted)
        else:
            _tab_to(page, page.locator('input[name="o"]').first)
            place = wanted.evaluate("one => [...document.querySelectorAll('input[name=o]')].indexOf(one)")
            for _ in range(place):
                page.keyboard.press("ArrowDown")
        if not wanted.is_checked():
            page.keyboard.press("Space")
        expect(wanted).to_be_checked()


def test_by_keyboard_alone(page: Page) -> None:
    household = scenario("case-name-family-court")
    page.goto("/")
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="本文へ移動")).to_be_focused()
    page.keyboard.press("Enter")
    _tab_to(page, page.locator('input[name="event"][value="name-change"]'))
    page.keyboard.press("Space")
    _tab_to(page, page.get_by_role("button", name="質問に進む"))
    page.keyboard.press("Enter")
    page.wait_for_url("**/guide?**")
    while path(page) == "/guide":
        _choose_by_keyboard(page, said(household, str(asked(page))))
        _tab_to(page, page.get_by_role("button", name="次へ", exact=True))
        with page.expect_navigation():
            page.keyboard.press("Enter")
    _tab_to(page, page.get_by_role("button", name="結果を見る"))
    with page.expect_navigation():
        page.keyboard.press("Enter")
    _check_list(page, household.key)


def test_the_focus_is_seen(page: Page) -> None:
    """WCAG 2.4.7: whatever the keyboard reaches is outlined."""
    begin(page, ["death"])
    for _ in range(12):
        page.keyboard.press("Tab")
        ringed = page.evaluate(
            """() => {
              const seen = one => one && getComputedStyle(one).outlineStyle !== 'none'
                || one && getComputedStyle(one).boxShadow !== 'none';
              const focused = document.activeElement;
              return focused === document.body || seen(focused) || seen(focused.closest('label'));
            }"""
        )
        assert ringed, page.evaluate("document.activeElement.outerHTML")


# Nothing chosen, wrong days


def test_nothing_chosen_at_home(page: Page) -> None:
    page.goto("/")
    page.get_by_role("button", name="質問に進む").click()
    summary = page.locator(".errors")
    expect(summary).to_be_focused()
    expect(page).to_have_title(re.compile("^エラー："))
    summary.get_by_role("link").click()
    expect(page.locator("#first-event")).to_be_focused()
    tick(page, "event", "birth")
    page.get_by_role("button", name="質問に進む").click()
    assert asked(page)


def test_nothing_chosen_at_a_question(page: Page) -> None:
    begin(page, ["death"])
    first = asked(page)
    page.get_by_role("button", name="次へ", exact=True).click()
    expect(page.locator(".errors")).to_be_focused()
    expect(page.locator("#err")).to_be_visible()
    assert asked(page) == first
    answer(page, scenario(HOUSEHOLDS["death"]))
    assert asked(page) != first
    expect(page.locator(".errors")).to_have_count(0)


def test_none_of_them_takes_the_other_ticks_away(page: Page) -> None:
    begin(page, ["moving-in"])
    while page.locator('input[name="o"][value="-"]').count() == 0:
        answer(page, scenario(HOUSEHOLDS["moving-in"]))
    first, none = page.locator('input[name="o"]').first, page.locator('input[name="o"][value="-"]')
    first.check()
    tick(page, "o", "-")
    expect(none).to_be_checked()
    expect(first).not_to_be_checked()
    first.check()
    expect(none).not_to_be_checked()


def _type_day(page: Page, event: str, day: tuple[str, str, str]) -> None:
    for part, value in zip(("year", "month", "day"), day, strict=True):
        page.locator(f"#{part}-{event}").fill(value)


def test_a_day_that_is_none_is_told_beside_its_field(page: Page) -> None:
    page.goto("/review?event=moving-in")
    _type_day(page, "moving-in", ("2026", "2", "30"))
    page.get_by_role("button", name="結果を見る").click()
    expect(page.locator(".errors")).to_be_focused()
    expect(page.locator("#date-err-moving-in")).to_contain_text("カレンダーにありません")
    expect(page.locator("#month-moving-in")).to_have_value("2")


def _day_with_an_open_last_day() -> date:
    """A day in this year's last two weeks for which the 14th day after is an ordinary working day."""
    day = clock.today()
    while True:
        last = day + timedelta(days=14)
        holidays = (last.month == 12 and last.day >= 29) or (last.month == 1 and last.day <= 3)
        if last.weekday() < 5 and not jpholiday.is_holiday(last) and not holidays:
            return day
        day -= timedelta(days=1)


def test_days_typed_become_due_days(page: Page) -> None:
    """転入届: within 14 days of living here, the first day not counted (住民基本台帳法22条, 民法140条)."""
    page.goto("/review?event=moving-in&a=transfer-out:paper")
    day = _day_with_an_open_last_day()
    last = day + timedelta(days=14)
    _type_day(page, "moving-in", (str(day.year), str(day.month), str(day.day)))
    to_result(page)
    due = f"{last.month}月{last.day}日（{WEEKDAYS[last.weekday()]}）まで"
    expect(page.locator('[data-key="tennyu"] .by')).to_contain_text(due)
    with page.expect_download() as download:
        page.get_by_role("link", name="カレンダーに入れる").click()
    entries = Calendar.from_ical(download.value.path().read_bytes()).walk("VEVENT")
    mine = [entry for entry in entries if "転入届" in str(entry["SUMMARY"])]
    assert [entry.decoded("DTSTART") for entry in mine] == [last]


# Back, again, changed


def test_back_forward_and_reload_keep_the_answers(page: Page) -> None:
    household = scenario(HOUSEHOLDS["death"])
    begin(page, ["death"])
    first = answer(page, household)
    second = answer(page, household)
    third, address = asked(page), page.url
    page.reload()
    assert (asked(page), page.url) == (third, address)
    page.go_back()
    assert asked(page) == second
    page.go_back()
    assert asked(page) == first
    page.go_forward()
    page.go_forward()
    assert (asked(page), page.url) == (third, address)
    page.get_by_role("link", name="前に戻る").click()
    assert asked(page) == second
    for value in said(household, second):
        expect(page.locator(f'input[name="o"][value="{value}"]')).to_be_checked()


def test_another_device_opens_the_same_result(page: Page, browser: Browser, site: Site) -> None:
    interview(page, scenario(HOUSEHOLDS["birth"]))
    to_result(page)
    with browser.new_context(viewport={"width": 390, "height": 844}) as other:
        phone = other.new_page()
        phone.goto(page.url)
        assert listed(phone) == listed(page)


def test_an_answer_is_changed_at_the_review_and_what_it_makes_moot_is_said(page: Page) -> None:
    """Whoever leaves no child behind is not asked about its allowances any more."""
    interview(page, scenario("case-death-working-father"))
    minor = next(one for one in seed().questions if one.key == "deceased-minor")
    survivors = next(one for one in seed().questions if one.key == "survivors")
    row = page.locator(".facts > div").filter(has=page.locator("a", has_text=survivors.section or survivors.text))
    row.get_by_role("link").click()
    assert asked(page) == "survivors"
    expect(page.locator('input[name="o"][value="child"]')).to_be_checked()
    tick(page, "o", "child")
    page.get_by_role("button", name="次へ", exact=True).click()
    assert path(page) == "/review"
    expect(page.locator(".facts")).not_to_contain_text(minor.section or minor.text)
    expect(page.locator(".notice")).to_contain_text(minor.section or minor.text)
    to_result(page)
    assert "jidou-teate-jukyusha-shibou" not in listed(page) and "izoku-kousei" in listed(page)


def test_the_result_so_far(page: Page) -> None:
    """Reachable at any question; what is open is told as such, and one click leads on."""
    household = scenario(HOUSEHOLDS["moving-in"])
    begin(page, ["moving-in"])
    answer(page, household)
    waiting = asked(page)
    page.get_by_role("button", name="ここまでの結果を見る").click()
    assert path(page) == "/result"
    assert set(household.expects) <= listed(page)
    open_fold(page, "maybe")
    expect(page.locator("#maybe")).to_be_visible()
    page.get_by_role("link", name="続きの質問に答える").click()
    assert asked(page) == waiting


def test_the_result_so_far_takes_the_answer_on_the_page_along(page: Page) -> None:
    household = scenario(HOUSEHOLDS["death"])
    begin(page, ["death"])
    first = str(asked(page))
    for value in said(household, first):
        tick(page, "o", value)
    page.get_by_role("button", name="ここまでの結果を見る").click()
    assert path(page) == "/result"
    page.get_by_role("link", name="続きの質問に答える").click()
    assert asked(page) != first


# Why, paper, search, leaving


def test_why_a_procedure_is_not_listed(page: Page) -> None:
    interview(page, scenario("case-death-working-father"))
    to_result(page)
    open_fold(page, "why")
    page.locator("#why-q").fill("国民健康保険")
    page.locator("form[action='/why'] button").click()
    page.locator("a[href*='/why/kokuho-sousaihi']").click()
    expect(page.locator("main")).to_contain_text("必要ありません")
    expect(page.locator(".first")).to_contain_text("と答えたためです")
    page.get_by_role("link", name="この答えを変える").first.click()
    assert asked(page) == "deceased-insurance"


def test_why_a_procedure_is_listed(page: Page) -> None:
    page.goto("/why/tennyu?event=moving-in&a=transfer-out:paper")
    expect(page.locator("main")).to_contain_text("必要です")
    page.get_by_role("link", name="期限と持ち物を見る").click()
    expect(page.locator("#p-tennyu")).to_be_visible()


def test_the_sheet_and_its_code_reopen_the_result(page: Page, site: Site) -> None:
    interview(page, scenario(HOUSEHOLDS["divorce"]))
    to_result(page)
    before = listed(page)
    page.get_by_role("link", name="印刷する").click()
    printed = page.locator(".sheet .mono").last.inner_text()
    assert printed.startswith(f"{site.url}/e/{site.edition}/")
    drawn = page.locator(".qr path").first.get_attribute("d")
    assert drawn and drawn in code_picture(printed), "the 2D code holds another address"
    number = page.locator(".sheet .code").inner_text()
    page.emulate_media(media="print")
    expect(page.locator(".no-print").filter(visible=True)).to_have_count(0)
    assert page.pdf(format="A4").startswith(b"%PDF")
    page.goto(printed)
    assert listed(page) == before
    page.goto(f"/code?code={number.lower()}")
    assert page.url == printed and listed(page) == before


@pytest.mark.parametrize("typed", ["ジドウテアテ", "ｼﾞﾄﾞｳﾃｱﾃ", "じどうてあて", "児童手当", "児童手当　出生"])
def test_search_as_people_type(page: Page, typed: str) -> None:
    page.goto("/")
    page.locator("#q").fill(typed)
    page.get_by_role("button", name="探す").click()
    assert path(page) == "/search"
    expect(page.locator("main .links").first).to_contain_text("児童手当")


def test_search_for_what_is_not_there(page: Page) -> None:
    page.goto("/search?q=ﾛｹｯﾄ発射")
    expect(page.locator("main")).to_contain_text("見つかりませんでした")
    expect(page.get_by_role("link", name="質問に答えて調べる")).to_be_visible()


def test_a_word_is_explained_without_losing_ticks(page: Page) -> None:
    household = scenario(HOUSEHOLDS["death"])
    begin(page, ["death"])
    while page.locator("main details").count() == 0:
        answer(page, household)
    first = page.locator('input[name="o"]').first
    first.check()
    page.locator("main details summary").first.click()
    expect(page.locator("main details dd").first).to_be_visible()
    expect(first).to_be_checked()


def test_ticks_stay_on_the_device_until_they_are_wiped(page: Page) -> None:
    address = "/result?event=moving-in&a=transfer-out:paper"
    page.goto(address)
    tick_box = page.locator("[data-tick]").first
    tick_box.check()
    page.reload()
    expect(tick_box).to_be_checked()
    open_fold(page, "keep")
    page.get_by_role("button", name="つけた印を、この端末から消す").click()
    expect(tick_box).not_to_be_checked()
    expect(page.locator("[data-said]")).to_have_text("印を消しました")
    page.reload()
    expect(tick_box).not_to_be_checked()
    assert page.context.cookies() == []


KEEP = "この端末に60日残す"


def test_ticks_outlive_the_tab_only_where_that_is_asked_for(page: Page) -> None:
    address = "/result?event=moving-in&a=transfer-out:paper"
    page.goto(address)
    page.locator("[data-tick]").first.check()
    assert page.evaluate("localStorage.length") == 0
    open_fold(page, "keep")
    page.get_by_label(KEEP).check()
    later = page.context.new_page()
    later.goto(address)
    expect(later.locator("[data-tick]").first).to_be_checked()
    open_fold(later, "keep")
    expect(later.get_by_label(KEEP)).to_be_checked()
    later.get_by_label(KEEP).uncheck()
    assert later.evaluate("localStorage.length") == 0


def test_kept_ticks_end_after_some_weeks(page: Page) -> None:
    address = "/result?event=moving-in&a=transfer-out:paper"
    page.goto(address)
    open_fold(page, "keep")
    page.get_by_label(KEEP).check()
    page.locator("[data-tick]").first.check()
    days = page.evaluate("(JSON.parse(localStorage.getItem('ticks')).until - Date.now()) / 86400000")
    assert 59.9 < days <= 60
    page.evaluate(
        """() => {
          const kept = JSON.parse(localStorage.getItem('ticks'));
          localStorage.setItem('ticks', JSON.stringify({ ...kept, until: Date.now() - 1 }));
        }"""
    )
    page.reload()
    expect(page.locator("[data-tick]").first).not_to_be_checked()
    assert page.evaluate("localStorage.length") == 0


def test_leaving_wipes_and_goes_home(page: Page) -> None:
    page.goto("/result?event=moving-in&a=transfer-out:paper")
    open_fold(page, "keep")
    page.get_by_label(KEEP).check()
    page.locator("[data-tick]").first.check()
    page.get_by_role("link", name="終了して閉じる").click()
    page.wait_for_url("**/")
    assert page.evaluate("sessionStorage.length + localStorage.length") == 0


def test_nothing_is_put_first_while_nothing_is_certain(page: Page) -> None:
    page.goto("/result?event=divorce")
    assert page.locator("#must, #gain").count() == 0 and listed(page)
    expect(page.get_by_text("まず、これから")).to_have_count(0)
    page.goto("/sheet?event=divorce")
    expect(page.get_by_text("まず：")).to_have_count(0)


def test_an_open_reason_leads_to_its_question(page: Page) -> None:
    page.goto("/why/kokuho-sousaihi?event=death")
    expect(page.locator("main")).to_contain_text("必要になるかもしれません")
    page.locator("main details").evaluate_all("folds => folds.forEach(fold => { fold.open = true })")
    links = page.get_by_role("link", name=re.compile("この質問に答える ?：.+"))
    expect(links).to_have_count(2)
    links.first.click()
    assert asked(page) == "deceased-head"


def test_the_page_of_a_procedure_says_who_needs_which_document(page: Page) -> None:
    """Not everybody who moves in needs a passport."""
    page.goto("/procedures/tennyu")
    passport = page.locator(".bring li", has_text="パスポート")
    expect(passport).to_contain_text("（")
    expect(page.locator(".bring li", has_text="本人確認書類").first).not_to_contain_text("方）")
