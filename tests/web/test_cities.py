"""Two cities on the law of every city: each is served, printed, searched, compared and amended as its own.

Nothing of 総社市 may be built in: the other city does not exist, and shares the law and the program with it alone.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from html import unescape

import httpx
import pytest

from service.content import patches
from service.content.canonical import canonical, content_hash, document
from service.content.models import Content, Procedure, Scenario
from service.guidance import municipality
from service.guidance.answers import Query
from service.guidance.municipality import Municipality
from service.settings import Settings
from service.store.graph import Address
from service.web.residents.parts import address as guide_address
from service.web.staff import auth
from tests.databases import emptied
from tests.evaluation import answers_of, evaluate
from tests.seed import CITIES, City, national, of_city
from tests.web.reading import form_token, ok, words_of
from tests.web.serving import publish, served, settled, staff_session

pytestmark = pytest.mark.timeout(900)  # two whole contents are imported

STAFF = "/api/v1/staff"
MOST_PAGES = 900
SPOKEN = ("note", "name", "summary", "fee")


@dataclass(frozen=True)
class Site:
    """A city's guide as it is served: what it was made of, residents' browser, and one of staff."""

    city: City
    content: Content
    about: Municipality
    residents: httpx.Client
    staff: httpx.Client

    @property
    def own(self) -> list[Procedure]:
        """The procedures that no law has."""
        beneath = {one.key for one in national().procedures}
        return [one for one in self.content.procedures if one.key not in beneath]

    @property
    def cases(self) -> list[Scenario]:
        """The households that show what only this city has."""
        own = {one.key for one in self.own}
        return [one for one in self.content.scenarios if own & set(one.expects)]

    def windows_of(self, procedure: Procedure) -> list[str]:
        """Where it is done, by name."""
        names = {one.key: one.name for one in self.content.windows}
        return [names[key] for key in procedure.handled_at or ()]


@pytest.fixture(scope="module", params=CITIES, ids=lambda city: city.name)
def site(request: pytest.FixtureRequest, settings: Settings, address: Address) -> Iterator[Site]:
    """The guide of one city after the other, each in a store of its own, started as `serve` does."""
    city: City = request.param
    emptied(address)
    layered = of_city(city)
    publish(settings, layered.content, title="最初の版", beneath=layered.beneath)
    session = staff_session(settings)
    with served(settings.model_copy(update={"city": city.folder})) as (_, residents):
        settled(residents, "/search?q=a")
        with httpx.Client(
            base_url=residents.base_url,
            cookies={auth.COOKIE: session},
            headers={"Authorization": f"Bearer {session}"},
            trust_env=False,
            timeout=120,
        ) as staff:
            about = municipality.read(city.folder / "municipality.yaml")
            yield Site(city, layered.content, about, residents, staff)


def _query(case: Scenario) -> Query:
    return Query(tuple(case.life_events), tuple(sorted(answers_of(case), key=lambda one: one.question)), {})


def _links(page: httpx.Response) -> set[str]:
    """The pages of this guide that a page leads to, but those with answers."""
    found = re.findall(r'href="(/[^"#?]*)["#]', page.text)
    return {unescape(link) for link in found if not link.startswith(("/static", "/staff", "/api", "/e/"))}


def test_the_first_page_says_whose_guide_it_is(site: Site) -> None:
    home = words_of(site.residents.get("/"))
    said = [site.about.guide, site.about.hall, site.about.address, site.about.phone]
    said += [site.about.support_phone, site.about.support_hours] if site.about.support_phone else []
    assert [one for one in said if one and one not in home] == []
    for event in site.content.life_events:
        assert event.name in home


@pytest.mark.parametrize("site", CITIES[1:], indirect=True, ids=lambda city: city.name)
def test_no_page_speaks_of_another_city(site: Site) -> None:
    other = re.compile("総社|岡山|soja|okayama")
    seen: dict[str, set[str]] = {}
    left = {"/", "/guide?event=birth", "/result?event=birth", "/sheet?event=moving-within", "/changes.atom"}
    while left and len(seen) < MOST_PAGES:
        path = left.pop()
        page = site.residents.get(path)
        seen[path] = set(other.findall(page.text))
        left |= _links(page) - seen.keys()
    assert len(seen) > len(site.content.procedures) + len(site.content.windows) and not left
    for path in ("", "/editions", "/editions/1", "/editions/1/findings", "/editions/1/confirm", "/law", "/import"):
        page = site.staff.get(f"/staff{path}")
        assert page.status_code == 200, path
        seen[f"/staff{path}"] = set(other.findall(page.text))
    assert {path: names for path, names in seen.items() if names} == {}


def test_the_guide_says_what_the_rules_of_the_city_say(site: Site) -> None:
    assert site.cases
    for case in site.cases[:12]:
        expected = evaluate(site.content, case.life_events, answers_of(case))
        body = {
            "life_events": case.life_events,
            "answers": [
                {"question": one.question} | ({"unsure": True} if one.unsure else {"options": list(one.options)})
                for one in answers_of(case)
            ],
        }
        told = ok(site.residents.post("/api/v1/guidance", json=body))
        assert {one["key"]: one["status"] for one in told["procedures"]} == {
            key: one.status for key, one in expected.procedures.items()
        }, case.key


def test_results_and_paper_name_the_city_s_own_procedures_and_windows(site: Site) -> None:
    own = {one.key: one for one in site.own}
    for case in site.cases[:6]:
        result = words_of(site.residents.get(guide_address("/result", _query(case))))
        paper = words_of(site.residents.get(guide_address("/sheet", _query(case))))
        assert site.city.name in result and site.city.name in paper
        for key in set(case.expects) & own.keys():
            assert own[key].name in result and own[key].name in paper
            assert [name for name in site.windows_of(own[key])[:1] if name not in paper] == []


def test_a_procedure_names_every_office_that_takes_it(site: Site) -> None:
    several = [one for one in site.content.procedures if len(one.handled_at or ()) > 1]
    assert several
    for procedure in several[:10]:
        page = words_of(site.residents.get(f"/procedures/{procedure.key}"))
        places = [page.find(name) for name in site.windows_of(procedure)]
        assert -1 not in places, procedure.key


def test_what_only_this_city_has_is_found_by_its_names(site: Site) -> None:
    for procedure in site.own[:12]:
        page = site.residents.get("/search", params={"q": procedure.name})
        found = re.findall(r'href="/procedures/([a-z0-9-]+)"', page.text.split("<main", 1)[1])
        assert found[:1] == [procedure.key], procedure.name


def test_what_a_draft_changes_for_residents_is_told(site: Site) -> None:
    procedure = site.own[0]
    draft = ok(site.staff.post(f"{STAFF}/drafts", json={"title": "見直し"}), 201)["number"]
    rule = {"key": "if-renamed-too", "label": "名前が変わる方", "life_events": ["name-change"]}
    put = {"put": {"conditions": [rule | {"selects": [procedure.key]}]}, "revisions": {}}
    ok(site.staff.post(f"{STAFF}/drafts/{draft}/changes", json=put))
    told = ok(site.staff.get(f"{STAFF}/editions/{draft}/comparison"))
    assert not told["same_for_residents"]
    page = words_of(site.staff.get("/staff/compare", params={"old": "1", "new": str(draft)}))
    assert procedure.name in page
    ok(site.staff.post(f"{STAFF}/drafts/{draft}/discard", json={}))


def _amended(site: Site) -> tuple[Content, str, str]:
    """A law that says what every birth costs, and a procedure, with the field of it that the city says otherwise."""
    made = dict(patches.items(national()))
    beneath = {one.key: one for one in national().procedures}
    key, field = next(
        (one.key, name)
        for one in site.content.procedures
        for name in SPOKEN
        if one.key in beneath and getattr(beneath[one.key], name) not in {None, getattr(one, name)}
    )
    made[key] = patches.Item("Procedure", made[key].fields | {field: "法律の新しい言い方"})
    made["konin"] = patches.Item("Procedure", made["konin"].fields | {"fee": "300円"})
    return Content.model_validate(patches.plain(made)), key, field


def test_an_amended_law_leaves_what_the_city_said(site: Site) -> None:
    law, key, field = _amended(site)
    whole = {"title": "法改正", "law": document(law)}
    error = ok(site.staff.post(f"{STAFF}/drafts/update", json=whole), 409)["error"]
    assert [one["key"] for one in error["details"]["conflicts"]] == [key]
    saved = ok(site.staff.post(f"{STAFF}/drafts/update", json=whole | {"decided": {key: "mine"}}), 201)
    number = saved["edition"]["number"]
    before, after = (
        {one["key"]: one for one in ok(site.staff.get(f"{STAFF}/editions/{edition}/content"))["procedures"]}
        for edition in (1, number)
    )
    assert after[key][field] == before[key][field] != "法律の新しい言い方"
    assert after == before | {"konin": before["konin"] | {"fee": "300円"}}
    apart = ok(site.staff.get(f"{STAFF}/editions/{number}/layers"))
    assert apart["beneath"] == document(law)
    assert apart["own"]["procedures"]
    ok(site.staff.post(f"{STAFF}/drafts/{number}/discard", json={}))


def test_the_page_of_the_law_shows_both_sides_and_makes_the_draft(site: Site) -> None:
    law, key, _ = _amended(site)
    page = site.staff.get("/staff/law")
    assert "もうこの全国の内容になっています" in words_of(page)
    form = {"form_token": form_token(page), "text": canonical(law).decode(), "title": "法改正", "note": "", "old": ""}
    again = site.staff.post("/staff/law", data=form)
    assert again.status_code == 409 and "どちらを使うか決めること" in again.text and "法律の新しい言い方" in again.text
    chosen = re.findall(r'name="(decide-[^"]+)" value="theirs"', again.text)
    assert len(chosen) == 1, "each conflict is decided by a choice"
    done = site.staff.post("/staff/law", data=form | {chosen[0]: "theirs"})
    assert done.status_code == 303, words_of(done)
    page = site.staff.get(done.headers["location"])
    assert "法改正" in words_of(page)
    number = re.search(r"/staff/editions/(\d+)", done.headers["location"])
    assert number
    item = ok(site.staff.get(f"{STAFF}/editions/{number[1]}/items/{key}"))
    assert "法律の新しい言い方" in item["item"].values()
    told = words_of(site.staff.get(f"/staff/editions/{number[1]}/items/{key}"))
    assert "どこから来た内容か" in told
    assert ok(site.staff.get(f"{STAFF}/editions/{number[1]}"))["hash"] != content_hash(site.content)
    ok(site.staff.post(f"{STAFF}/drafts/{number[1]}/discard", json={}))
