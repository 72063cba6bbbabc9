"""The database comes or goes while a page is made: the page says one thing, and no page with the notice is kept."""

from __future__ import annotations

import httpx
import pytest
from fastapi import FastAPI

from service.settings import Settings
from service.store.editions import Live
from tests.seed import seed
from tests.web.serving import publish, settled

STALE = "案内を表示しています"


class Flipping(Live):
    """What it says of the database changes from look to look."""

    looks: list[bool]

    @property
    def away(self) -> bool:
        return self.looks.pop(0) if self.looks else False

    @away.setter
    def away(self, value: bool) -> None:
        """What the database really does is of no interest here."""


@pytest.mark.parametrize(
    ("path", "looks"),
    [("/result?event=death&event=birth", [False, True, True]), ("/result?event=death&event=divorce", [True, False])],
)
def test_a_page_with_the_notice_is_never_kept(
    settings: Settings, service: tuple[FastAPI, httpx.Client], path: str, looks: list[bool]
) -> None:
    app, site = service
    publish(settings, seed(), title="最初の版")
    settled(site, "/result?event=death")
    live = app.state.guidance_service.live
    live.__class__, live.looks = Flipping, []
    try:
        settled(site, path.replace("/result", "/guide"))
        live.looks = list(looks)
        assert (STALE in site.get(path).text) == looks[0]
        live.looks = []
        assert STALE not in site.get(path).text
    finally:
        live.__class__ = Live
        live.__dict__["away"] = False
