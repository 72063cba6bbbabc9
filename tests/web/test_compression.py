"""Kept pages and static files are sent compressed to who reads that, and are the same for everybody else."""

from __future__ import annotations

import gzip
from collections.abc import Iterator

import httpx
import pytest
from fastapi import FastAPI

from service.settings import Settings
from service.web import compression
from tests.seed import seed
from tests.web.serving import publish, settled

RESULT = "/result?event=moving-in"
PLAIN = {"Accept-Encoding": "identity"}
GZIP = {"Accept-Encoding": "br, gzip"}


def _accepts(value: str) -> bool:
    return compression.is_accepted({"type": "http", "headers": [(b"accept-encoding", value.encode())]})


@pytest.mark.parametrize(
    ("value", "accepted"),
    [
        ("gzip", True),
        ("br, GZIP;q=0.5, deflate", True),
        ("*", True),
        ("", False),
        ("br", False),
        ("x-gzip-not", False),
        ("gzip;q=0", False),
        ("gzip; q=0.000, br", False),
        ("gzip;q=1.0", True),
    ],
)
def test_who_reads_gzip(value: str, accepted: bool) -> None:
    assert _accepts(value) is accepted


def test_equal_bodies_give_equal_bytes() -> None:
    assert compression.compressed(b"a" * 999) == compression.compressed(b"a" * 999)
    assert gzip.decompress(compression.compressed("市".encode())).decode() == "市"


@pytest.fixture(scope="module")
def site(settings: Settings, service: tuple[FastAPI, httpx.Client]) -> Iterator[httpx.Client]:
    """The service with the first edition live, one result of which is kept."""
    publish(settings, seed(), title="最初の版")
    settled(service[1], RESULT)
    yield service[1]


def _size(answer: httpx.Response) -> int:
    return int(answer.headers["content-length"])


@pytest.mark.parametrize("path", [RESULT, "/static/guide.css", "/static/guide.js", "/static/icons.svg"])
def test_the_same_is_sent_smaller(site: httpx.Client, path: str) -> None:
    site.get(path)
    plain, small = site.get(path, headers=PLAIN), site.get(path, headers=GZIP)
    assert plain.status_code == small.status_code == 200
    assert "content-encoding" not in plain.headers and small.headers["content-encoding"] == "gzip"
    assert plain.content == small.content and plain.headers["content-type"] == small.headers["content-type"]
    assert _size(small) < _size(plain) / 2
    assert plain.headers["vary"] == small.headers["vary"] == "Accept-Encoding"


def test_a_compressed_file_is_not_sent_again_where_it_is_known(site: httpx.Client) -> None:
    first = site.get("/static/guide.css", headers=GZIP)
    assert first.headers["etag"].startswith("W/")
    again = site.get("/static/guide.css", headers=GZIP | {"If-None-Match": first.headers["etag"]})
    assert again.status_code == 304


def test_what_is_made_for_one_request_is_sent_as_it_is(site: httpx.Client) -> None:
    dated = site.get(f"{RESULT}&date=moving-in:2026-11-20", headers=GZIP)
    assert dated.status_code == 200 and "content-encoding" not in dated.headers
