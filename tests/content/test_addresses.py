"""Addresses in a content lead where they say."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from service.content.models import Law


@pytest.mark.parametrize(
    "address",
    [
        "https://laws.e-gov.go.jp/law/342AC0000000081",
        "http://www.example.jp",
        "https://www.example.jp/a?b=c@d#e",
        "https://www.example.jp:8443/@city/",
        "https://日本語.jp/手続き",
    ],
)
def test_addresses_of_pages_are_taken(address: str) -> None:
    assert Law(key="a", name="あ", url=address).url == address


@pytest.mark.parametrize(
    "address",
    [
        "https://www.city.example.jp@evil.example/",
        "https://name:password@www.example.jp/",
        "https:///x",
        "https://?q=1",
        "https://#a",
        "https://",
        "ftp://www.example.jp/",
        "javascript:alert(1)",
        "https://www.example.jp/a b",
        "https://www.example.jp/\u202egnp.exe",
    ],
)
def test_addresses_that_mislead_are_refused(address: str) -> None:
    with pytest.raises(ValidationError):
        Law(key="a", name="あ", url=address)
