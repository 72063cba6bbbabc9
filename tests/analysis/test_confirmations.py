"""What is unconfirmed or not said, of whole contents: a finding for each window, and by subject where there is none."""

from __future__ import annotations

from collections import Counter

from service.analysis import checks, confirmations
from service.analysis.findings import Finding
from service.content.models import Content
from service.content.patches import items
from tests.seed import CITIES, national, of_city


def _found(content: Content) -> list[Finding]:
    return list(confirmations.findings(content, checks.called(items(content))))


def test_a_new_city_reads_what_to_fill_in_by_subject() -> None:
    """The law alone is the guide of a city on its first day: few findings, and none that counts nothing."""
    found = [one for one in _found(national()) if one.code == "unsaid_without_window"]
    fields = {one.field for one in national().procedures if not one.handled_at}
    assert 0 < len(found) <= len(fields)
    for one in found:
        assert "分野「" in one.sentence and "手続き0件" not in one.sentence


def test_each_window_is_told_once_for_each_kind_of_finding() -> None:
    for city in CITIES:
        content = of_city(city).content
        windows = {one.key for one in content.windows}
        told = Counter((one.code, key) for one in _found(content) for key in one.keys if key in windows)
        assert told and set(told.values()) == {1}


def test_a_window_may_be_all_that_is_unconfirmed() -> None:
    content = of_city(CITIES[1]).content
    windows = [one.model_copy(update={"basis": None}) if one.key == "window-shima" else one for one in content.windows]
    found = _found(content.model_copy(update={"windows": windows}))
    (sentence,) = [one.sentence for one in found if one.code == "unconfirmed_at_window" and "window-shima" in one.keys]
    assert sentence == "窓口『島しょ部連絡所』に、まだ確かめていないことがあります（窓口そのもの）。"
