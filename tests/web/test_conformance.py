"""Every case of the conformance set, published and asked over HTTP."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import httpx
import pytest

from service.content.loading import read_plain
from service.settings import Settings
from tests.web.serving import publish

CASES: list[dict[str, Any]] = json.loads(
    (Path(__file__).parent.parent / "conformance.json").read_text(encoding="utf-8")
)


def test_the_set_is_whole() -> None:
    assert (len(CASES), sum(len(case["steps"]) for case in CASES)) == (24, 68)


def _listed(procedures: list[dict[str, Any]]) -> dict[str, Any]:
    """What the set says of each procedure; it lists by key, so order does not count here."""
    return {
        one["key"]: (one["status"], {need["key"]: need["status"] for need in one["documents"]}) for one in procedures
    }


@pytest.mark.parametrize("case", CASES, ids=[case["name"] for case in CASES])
def test_case(api: httpx.Client, settings: Settings, case: dict[str, Any]) -> None:
    number = publish(settings, read_plain(case["content"]), title=case["name"])
    for step in case["steps"]:
        body = {"life_events": step["life_events"], "answers": step["answers"], "edition": number}
        answer = api.post("/api/v1/guidance", json=body)
        assert answer.status_code == 200, answer.text
        told = answer.json()
        assert told["edition"]["number"] == number
        assert told["next_question"] == step["next_question"], step
        assert _listed(told["procedures"]) == _listed(step["procedures"]), step
        assert len(told["procedures"]) == len(step["procedures"])
        assert (told["questions_left_at_most"] == 0) == (told["next_question"] is None)
        _why_agrees(api, told, body)


def _why_agrees(api: httpx.Client, told: dict[str, Any], body: dict[str, Any]) -> None:
    """The explanation of every listed procedure names the same conditions with the same states."""
    for one in told["procedures"]:
        why = api.post("/api/v1/guidance/why", json=body | {"procedure": one["key"]}).json()
        assert why["status"] == one["status"]
        shown = {(row["condition"], row["state"]) for row in why["conditions"] if row["state"] != "false"}
        assert shown == {(row["condition"], row["state"]) for row in one["because"]}
