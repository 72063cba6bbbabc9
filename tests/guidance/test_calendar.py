"""Calendar entries: what a calendar reads from them, that they stay the same, and that they tell nothing of answers."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

from icalendar import Calendar

from service.content.models import Edition, Procedure
from service.guidance.calendar import PRODUCT
from service.guidance.cards import Card, CardDue, CardFacts, Groups, settled_together
from service.guidance.deadlines import Due, OpeningDays, due
from service.web.residents.calendar import plan_day, planned, result_calendar

EDITION = Edition(
    number=3,
    title="春",
    state="published",
    scheduled=False,
    created_at=datetime(2026, 1, 1, tzinfo=UTC),
    published_at=datetime(2026, 4, 1, 9, 0, 0, 123, tzinfo=UTC),
    content_hash=None,
)
FIELDS = {"value": 14, "unit": "day", "from": "住み始めた日", "from_event": "moving-in", "next_opening_day": "yes"}


def procedure(key: str = "move-in", name: str = "転入届; 家族, みんな") -> Procedure:
    return Procedure.model_validate({"key": key, "name": name, "deadline": FIELDS})


def due_of(one: Procedure, day: date) -> Due:
    assert one.deadline is not None
    found = due(one.deadline, day, OpeningDays())
    assert found is not None
    return found


def written(
    day: date = date(2026, 12, 18), *, edition: Edition = EDITION, base: str = "https://guide.example.jp"
) -> bytes:
    one = procedure()
    return result_calendar({one.key: one}, {one.key: due_of(one, day)}, edition=edition, city="総社市", base=base)


def entries(text: bytes) -> list[Any]:
    return list(Calendar.from_ical(text).walk("VEVENT"))


def test_an_entry_as_a_calendar_reads_it() -> None:
    (entry,) = entries(written())
    assert entry.decoded("DTSTART") == date(2026, 12, 28)
    assert str(entry["SUMMARY"]) == "転入届; 家族, みんな 2026年12月28日（月）まで"
    assert str(entry["URL"]) == "https://guide.example.jp/procedures/move-in"
    assert str(entry["UID"]) == "move-in-20261228@guide.example.jp"
    assert entry.decoded("DTSTAMP") == datetime(2026, 4, 1, 9, tzinfo=UTC)
    (alarm,) = entry.walk("VALARM")
    assert alarm.decoded("TRIGGER") == timedelta(hours=-15)


def test_the_description_tells_the_rule_and_the_closed_days() -> None:
    description = str(entries(written())[0]["DESCRIPTION"])
    for words in ("住み始めた日から14日以内", "12月31日（木）", "1月4日（月）", "早いほうの日", "/procedures/move-in"):
        assert words in description
    assert "<" not in description


def test_it_is_a_calendar_of_whole_days_in_the_right_form() -> None:
    text = written()
    assert b"DTSTART;VALUE=DATE:20261228\r\n" in text
    assert all(len(line) <= 75 for line in text.split(b"\r\n"))
    book = Calendar.from_ical(text)
    assert (str(book["PRODID"]), str(book["VERSION"]), str(book["METHOD"])) == (
        PRODUCT,
        "2.0",
        "PUBLISH",
    )
    assert "総社市" in str(book["X-WR-CALNAME"])


def test_the_same_days_give_the_same_bytes_and_uids_on_every_edition() -> None:
    later = replace(EDITION, number=9, published_at=datetime(2026, 5, 1, tzinfo=UTC))
    assert written() == written()
    assert entries(written())[0]["UID"] == entries(written(edition=later))[0]["UID"]
    assert entries(written())[0]["UID"] != entries(written(date(2026, 12, 1)))[0]["UID"]


def test_a_draft_is_stamped_with_its_making() -> None:
    draft = replace(EDITION, published_at=None)
    assert entries(written(edition=draft))[0].decoded("DTSTAMP") == EDITION.created_at


def test_entries_stand_by_day_then_key_and_only_where_there_is_a_day() -> None:
    days = {"b": date(2026, 4, 1), "c": date(2026, 4, 1), "a": date(2026, 4, 9)}
    many = {key: procedure(key, key) for key in ("c", "b", "a", "undated")}
    dues = {key: due_of(many[key], day) for key, day in days.items()}
    text = result_calendar(many, dues, edition=EDITION, city="総社市", base="http://localhost:8000")
    assert [str(entry["UID"]).partition("-")[0] for entry in entries(text)] == ["b", "c", "a"]


def test_what_another_procedure_settles_in_time_has_no_entry() -> None:
    def own(key: str, day: date | None, **fields: object) -> Card:
        made = procedure(key).model_copy(update=fields)
        return Card(CardFacts(1, made), "applies", CardDue(day) if day else None)

    early, late = date(2026, 4, 1), date(2026, 4, 9)
    settled = [own("with", late, done_with=["main"]), own("sooner", early, done_with=["main"])]
    groups = settled_together(Groups(must=(own("main", date(2026, 4, 5)), *settled), no_action=(own("news", early),)))
    dues = {key: Due(late, None, late, False) for key in ("main", "with", "sooner", "news")}
    assert set(planned(groups, dues)) == {"main", "sooner"}


def test_without_days_the_calendar_is_empty_but_whole() -> None:
    text = result_calendar({}, {}, edition=EDITION, city="総社市", base="http://localhost")
    assert entries(text) == []
    assert text.endswith(b"END:VCALENDAR\r\n")


def test_without_an_opening_day_the_last_day_itself_is_taken() -> None:
    closed = Due(date(2026, 5, 4), None, None, False)
    assert plan_day(closed) == date(2026, 5, 4)
    assert plan_day(replace(closed, go_by=date(2026, 5, 1))) == date(2026, 5, 1)
