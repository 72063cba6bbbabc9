"""Every case of the conformance set, published and read from the residents' pages."""

from __future__ import annotations

import re
import time
from typing import Any
from urllib.parse import urlencode

import httpx
import pytest

from service.content.loading import read_plain
from service.settings import Settings
from service.store.editions import FRESH_SECONDS
from tests.web.serving import publish
from tests.web.test_conformance import CASES

ARTICLE = re.compile(r'<article class="proc" data-key="([^"]+)".*?</article>', re.DOTALL)
BRING = re.compile(r'<ul class="bring">(.*?)</ul>', re.DOTALL)
ITEM = re.compile(r"<li>(.*?)</li>", re.DOTALL)
ASKED = re.compile(r'<input type="hidden" name="q" value="([^"]+)">')


def _address(path: str, step: dict[str, Any]) -> str:
    pairs = [("event", key) for key in step["life_events"]]
    for answer in step["answers"]:
        said = ",".join(option.partition("/")[2] for option in answer.get("options", []))
        pairs.append(("a", f"{answer['question']}:{'?' if answer.get('unsure') else said}"))
    return f"{path}?{urlencode(pairs)}"


def _documents(article: str) -> dict[str, str]:
    """What to bring, by name (in the set names are keys): one with its condition in brackets may be needed."""
    found = BRING.search(article)
    items = ITEM.findall(found.group(1)) if found else []
    return {
        re.sub(r"<[^>]+>.*", "", item, flags=re.DOTALL).strip(): "may_be_needed" if "（" in item else "needed"
        for item in items
    }


def _listed(page: str) -> dict[str, tuple[str, dict[str, str]]]:
    maybe = page.find('<div id="maybe"')
    return {
        match.group(1): (
            "may_apply" if 0 <= maybe < match.start() else "applies",
            _documents(match.group(0)),
        )
        for match in ARTICLE.finditer(page)
    }


@pytest.mark.parametrize("case", CASES, ids=[case["name"] for case in CASES])
def test_case(api: httpx.Client, settings: Settings, case: dict[str, Any]) -> None:
    publish(settings, read_plain(case["content"]), title=f"{case['name']} in pages")
    time.sleep(FRESH_SECONDS + 0.3)
    for step in case["steps"]:
        asked = api.get(_address("/guide", step))
        if step["next_question"] is None:
            assert asked.status_code == 303, step
            assert asked.headers["location"].startswith("/review?")
        else:
            assert ASKED.findall(asked.text) == [step["next_question"]], step
        result = api.get(_address("/result", step))
        assert result.status_code == 200
        expected = {
            one["key"]: (one["status"], {need["key"]: need["status"] for need in one["documents"]})
            for one in step["procedures"]
        }
        assert _listed(result.text) == expected, step
