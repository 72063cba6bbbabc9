"""The city's content says what was researched and nothing else: scope, status, sources, amounts, numbers."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from service.content.models import Document, Law, Procedure, Term, Window
from service.content.reading import read_source

SEED = Path(__file__).parents[2] / "seed"
FACTS = Path(__file__).parents[1] / "facts_keys.txt"

EVIDENCED_PHONES = {"0866-92-8265"}
EVIDENCED_EMAILS = {"ed-kodomo@city.soja.okayama.jp"}
EVIDENCED_AMOUNTS = {
    "tennyu": {"5万円"},
    "shussei": {"5万円"},
    "ko-no-uji-nyuseki": {"800円"},
    "uji-henko": {"800円"},
    "koseki-shutoku": {"450円", "750円"},
    "kokuho-ichijikin": {"50万円", "48万8千円"},
    "kouki-sousaihi": {"5万円"},
    "inu-touroku": {"3,000円"},
    "sozoku-touki": {"10万円"},
    "sozoku-houki": {"800円"},
    "sozokuzei": {"3,000万円", "600万円"},
}
STATUTES_READ = "2026-07-29"
KANA = re.compile(r"[ぁ-ゖー・、（） ]+")


def read(kind: str) -> list[dict[str, Any]]:
    """All items of one list, over every file of the seed."""
    found: list[dict[str, Any]] = []
    for path in sorted(SEED.glob("*.yaml")):
        loaded = read_source(path.read_bytes(), path.name).value
        found += loaded.get(kind) or []
    return found


PROCEDURES = {item.key: item for item in (Procedure.model_validate(one) for one in read("procedures"))}
DOCUMENTS = {item.key: item for item in (Document.model_validate(one) for one in read("documents"))}
WINDOWS = {item.key: item for item in (Window.model_validate(one) for one in read("windows"))}
LAWS = {item.key: item for item in (Law.model_validate(one) for one in read("laws"))}
TERMS = {item.key: item for item in (Term.model_validate(one) for one in read("terms"))}


def facts() -> dict[str, tuple[str, str]]:
    """Key as the seed writes it → scope and status that the research allows."""
    lines = [line.split() for line in FACTS.read_text(encoding="utf-8").splitlines() if line[0] != "#"]
    return {key.replace("_", "-"): (scope, status) for key, scope, status in lines}


def fact_of(procedure: str) -> str | None:
    """The fact a procedure comes from: the longest fact key that is the key or its beginning."""
    whole = [key for key in facts() if procedure == key or procedure.startswith(f"{key}-")]
    return max(whole, key=len, default=None)


def texts(procedure: Procedure) -> Iterator[str]:
    """Every sentence of a procedure that residents read."""
    values = procedure.model_dump(by_alias=True, exclude_none=True)
    for value in values.values():
        if isinstance(value, str):
            yield value
        elif isinstance(value, dict):
            yield from (inner for inner in value.values() if isinstance(inner, str))


def test_every_fact_became_a_procedure() -> None:
    assert len(facts()) == 86
    covered = {fact_of(key) for key in PROCEDURES}
    assert set(facts()) - covered == set()


def test_every_procedure_comes_from_a_fact() -> None:
    assert [key for key in PROCEDURES if fact_of(key) is None] == []


@pytest.mark.parametrize("key", sorted(PROCEDURES))
def test_scope_and_status_are_those_of_the_research(key: str) -> None:
    fact = fact_of(key)
    assert fact is not None
    assert (PROCEDURES[key].scope, PROCEDURES[key].status) == facts()[fact]


@pytest.mark.parametrize("key", sorted(PROCEDURES))
def test_every_procedure_can_be_read_found_and_traced(key: str) -> None:
    procedure = PROCEDURES[key]
    assert procedure.source
    assert procedure.summary and procedure.field and procedure.synonyms
    assert KANA.fullmatch(procedure.reading or "")


@pytest.mark.parametrize("key", sorted(PROCEDURES))
def test_what_is_referred_to_is_there(key: str) -> None:
    procedure = PROCEDURES[key]
    assert set(procedure.needs) <= set(DOCUMENTS)
    assert set(procedure.handled_at) <= set(WINDOWS)
    assert set(procedure.governed_by) <= set(LAWS)
    assert set(procedure.follows) <= set(PROCEDURES) - {key}


def test_a_verified_procedure_rests_on_a_page_of_the_city() -> None:
    verified = [one for one in PROCEDURES.values() if one.status == "verified"]
    assert len(verified) >= 13
    wrong = [one.key for one in verified if "city.soja.okayama.jp" not in (one.source_url or "")]
    assert wrong == []


def test_only_statutes_have_a_day_of_checking() -> None:
    checked = {one.key: one for one in PROCEDURES.values() if one.checked_on}
    assert {"tennyu", "shussei", "shibou"} <= set(checked)
    assert {one.checked_on for one in checked.values()} == {STATUTES_READ}
    assert all((one.source_url or "").startswith("https://laws.e-gov.go.jp/") for one in checked.values())


def test_what_no_public_page_confirms_promises_nothing() -> None:
    guessed = [one for one in PROCEDURES.values() if "まだ確認していません" in (one.source or "")]
    assert len(guessed) == 8
    for one in guessed:
        assert one.fee is None and one.checked_on is None
        assert {one.postal.is_, one.proxy.is_, one.online.is_} == {"unknown"}


def test_no_phone_number_and_no_address_without_evidence() -> None:
    whole = "".join(path.read_text(encoding="utf-8") for path in sorted(SEED.rglob("*")) if path.is_file())
    whole = re.sub(r"https?://\S+", "", whole)
    phones = re.findall(r"(?<![\d-])0\d{1,4}[-(（]\d{1,4}[-)）]\d{3,4}(?!\d)|(?<!\d)0\d{9,10}(?!\d)", whole)
    assert set(phones) == EVIDENCED_PHONES
    assert set(re.findall(r"[\w.+-]+@[\w.-]+", whole)) == EVIDENCED_EMAILS
    assert {one.phone for one in WINDOWS.values() if one.phone} == EVIDENCED_PHONES


def test_no_amount_of_money_without_evidence() -> None:
    found: dict[str, set[str]] = {}
    for key, procedure in PROCEDURES.items():
        for text in texts(procedure):
            found.setdefault(key, set()).update(re.findall(r"[\d,]+[\d万千]*円", text))
    assert {key: amounts for key, amounts in found.items() if amounts} == EVIDENCED_AMOUNTS


def test_the_day_after_means_that_the_day_itself_does_not_count() -> None:
    deadlines = [one.deadline for one in PROCEDURES.values() if one.deadline]
    after = [deadline for deadline in deadlines if "翌日" in (deadline.from_ or "")]
    assert len(after) >= 10
    assert {deadline.first_day_counts for deadline in after} == {False}


def test_the_family_register_counts_the_first_day() -> None:
    counted = {one.key for one in PROCEDURES.values() if one.deadline and one.deadline.first_day_counts}
    assert counted == {"shussei", "shibou", "rikon-saiban"}


def test_only_births_are_said_to_be_accepted_on_the_next_opening_day() -> None:
    later = {one.key for one in PROCEDURES.values() if one.deadline and one.deadline.next_opening_day != "unknown"}
    assert later == {"shussei"}


def test_terms_have_readings_and_meanings() -> None:
    assert len(TERMS) >= 65
    assert [one.key for one in TERMS.values() if not KANA.fullmatch(one.reading or "")] == []
    assert [one.key for one in TERMS.values() if not one.meaning.endswith("。")] == []
    words = [one.term for one in TERMS.values()]
    assert len(words) == len(set(words))


def test_kinds_are_told_apart_by_the_beginning_of_the_key() -> None:
    for prefix, items in (("doc-", DOCUMENTS), ("window-", WINDOWS), ("law-", LAWS), ("term-", TERMS)):
        assert items and [key for key in items if not key.startswith(prefix)] == []


def test_one_name_for_one_document() -> None:
    names = [one.name for one in DOCUMENTS.values()]
    assert len(names) == len(set(names))
    assert all(one.who_has_it for one in DOCUMENTS.values())


def test_the_round_of_windows_begins_at_the_citizens_desk_and_stays_in_the_hall() -> None:
    inside = [one for one in WINDOWS.values() if one.walking_order]
    round_ = sorted(inside, key=lambda one: one.walking_order or 0)
    assert round_[0].key == "window-shimin"
    assert all((one.building or "").startswith("総社市役所") for one in round_)
    assert all(one.building is None for one in WINDOWS.values() if one.walking_order is None)
