"""Readiness, when somebody wrote into the database behind the program's back."""

from __future__ import annotations

import time

import httpx
import neo4j
import pytest

from service.editions import audit
from service.settings import Settings
from service.store.graph import Address
from tests.killed import content
from tests.web.serving import publish, served, settled

TOLD_WITHIN = 60.0


def _becomes(client: httpx.Client, status: int, *, words: str = "") -> httpx.Response:
    """On a busy machine the database may be away for a moment: that is a 503 too, without these words."""
    until = time.monotonic() + TOLD_WITHIN
    while (answer := client.get("/health/ready")).status_code != status or words not in answer.text:
        assert time.monotonic() < until, answer.text
        time.sleep(0.1)
    return answer


def test_readiness_says_what_differs_and_asks_the_database_only_now_and_then(
    settings: Settings, address: Address, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    number = publish(settings, content(notice="内容を確かめる版"), title="確かめる版")
    monkeypatch.setattr(audit, "EVERY_SECONDS", 0.5)
    monkeypatch.setattr(audit, "SHARE", 0)
    with (
        served(settings) as (_, client),
        neo4j.GraphDatabase.driver(address.uri, auth=(address.user, address.password)) as driver,
    ):
        assert settled(client, "/health/ready").json()["status"] == "ready"
        driver.execute_query(
            "MATCH (p:Procedure {edition: $number, key: 'notice'}) SET p.kept = p.name, p.name = 'ちがう届'",
            number=number,
        )
        words = f"公開中の第{number}版の内容が、履歴のハッシュと違います"
        assert words in _becomes(client, 503, words=words).text
        driver.execute_query(
            "MATCH (p:Procedure {edition: $number, key: 'notice'}) SET p.name = p.kept REMOVE p.kept", number=number
        )
        _becomes(client, 200)
        monkeypatch.setattr(audit, "EVERY_SECONDS", 3600)
        time.sleep(3)
        looks = []
        monkeypatch.setattr(audit, "standing", lambda graph: looks.append(graph))
        assert [client.get("/health/ready").status_code for _ in range(20)] == [200] * 20
        assert looks == []
    assert "store_differs" in capfd.readouterr().out
