"""What somebody can do who has the password of the database, and nothing else: done by the driver, found, and named.

Each trial has a store of its own: a live edition, one before it, an archived one and a draft with a save.
"""

from __future__ import annotations

import shutil
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import neo4j
import pytest
import pytest_asyncio

from service.accounts.permissions import Actor, Permission
from service.content.canonical import content_hash
from service.editions import archive, audit, drafts, history, importing, publishing
from service.editions.audit import Watch
from service.editions.history import Flaw
from service.editions.ledger import Ledger
from service.errors import Refused
from service.store import editions, schema
from service.store.graph import Address, Graph
from tests.killed import NOTED, OTHER, content, save

pytestmark = pytest.mark.asyncio(loop_scope="session")

STAFF = Actor("staff-1", frozenset(Permission))


@dataclass
class Store:
    """The store of a trial: the program's door, the intruder's, and the numbers of its editions."""

    graph: Graph
    driver: neo4j.Driver
    address: Address
    first: int = 0
    live: int = 0
    archived: int = 0
    draft: int = 0
    nodes: list[dict[str, Any]] = field(default_factory=list)
    edges: list[dict[str, Any]] = field(default_factory=list)
    copy: Path = Path()

    def run(self, statement: str, **params: Any) -> list[dict[str, Any]]:
        """A statement of the intruder."""
        told = {"live": self.live, "first": self.first, "draft": self.draft, "archived": self.archived} | params
        records, _, _ = self.driver.execute_query(statement, told, database_=self.address.database)
        return [record.data() for record in records]

    @property
    def ledger(self) -> Ledger:
        """What the program keeps on its host."""
        return history.ledger_of(self.address.evidence)

    def take(self, folder: Path) -> None:
        """Keeps a copy of everything."""
        self.nodes = self.run("MATCH (n) RETURN elementId(n) AS id, labels(n) AS labels, properties(n) AS own")
        self.edges = self.run(
            "MATCH (n)-[e]->(m) "
            "RETURN elementId(n) AS one, elementId(m) AS other, type(e) AS type, properties(e) AS own"
        )
        self.copy = folder
        shutil.copytree(self.ledger.folder, folder)

    def put_back(self) -> None:
        """Makes everything what it was."""
        self.run("MATCH (n) DETACH DELETE n")
        self.run(
            "UNWIND $nodes AS node CREATE (n:$(node.labels)) SET n = node.own "
            "WITH collect({id: node.id, node: n}) AS made UNWIND $edges AS edge "
            "WITH [one IN made WHERE one.id = edge.one][0].node AS n, "
            "[one IN made WHERE one.id = edge.other][0].node AS m, edge "
            "CREATE (n)-[e:$(edge.type)]->(m) SET e = edge.own",
            nodes=self.nodes,
            edges=self.edges,
        )
        shutil.rmtree(self.ledger.folder, ignore_errors=True)
        shutil.copytree(self.copy, self.ledger.folder)

    def changes(self) -> list[dict[str, Any]]:
        """Every change, in the order of the chain."""
        return [row["c"] for row in self.run("MATCH (c:Change) RETURN properties(c) AS c ORDER BY c.seq")]


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def made(address: Address, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Store]:
    """The store, and a copy of it for `store` to put back."""
    graph = Graph.open(address)
    await schema.prepare(graph)
    with neo4j.GraphDatabase.driver(address.uri, auth=(address.user, address.password)) as driver:
        found = Store(graph, driver, address)
        first = await importing.import_content(graph, content(), publish=True, title="一")
        gone = await drafts.fork(graph, None, title="捨てる", by=STAFF)
        await drafts.discard(graph, gone.number, by=STAFF)
        await archive.archive(graph, gone.number, by=STAFF)
        live = await importing.import_content(graph, content(**{OTHER: "二"}), publish=True, title="二")
        draft = await drafts.fork(graph, None, title="下書き", by=STAFF)
        await save(graph, draft.number)
        found.first, found.live = first.edition.number, live.edition.number
        found.archived, found.draft = gone.number, draft.number
        assert await audit.verify(graph) == await audit.standing(graph) == []
        found.take(tmp_path_factory.mktemp("copy") / "history")
        yield found
    await graph.close()


@pytest.fixture
def store(made: Store) -> Store:
    """The store as it was made."""
    made.put_back()
    return made


def reseal(store: Store, begin: int, **forged: str) -> None:
    """Writes a change anew and everything behind it, as well as one can without the key."""
    head = None
    for change in store.changes():
        if change["seq"] < begin:
            head = change["hash"]
            continue
        own = change | (forged if change["seq"] == begin else {})
        own |= {"previous_hash": head or schema.GENESIS}
        own["hash"] = head = history.seal(own)
        store.run("MATCH (c:Change {seq: $seq}) SET c = $own", seq=own["seq"], own=own)
    store.run("MATCH (chain:Chain) SET chain.head = $head", head=head)


def cut(store: Store) -> None:
    """Takes the last change away, and sets the chain and the edition back to before it."""
    *_, before, last = store.changes()
    store.run("MATCH (c:Change {seq: $seq}) DETACH DELETE c", seq=last["seq"])
    store.run("MATCH (chain:Chain) SET chain.seq = $seq, chain.head = $head", seq=before["seq"], head=before["hash"])


def forge(store: Store) -> None:
    """Adds a change that says that a colleague published the draft, and sets it live."""
    store.run("MATCH (e:Edition {number: $draft}) SET e.state = 'published', e.published_at = datetime()")
    (node,) = store.run("MATCH (e:Edition {number: $draft}) RETURN properties(e) AS e")
    last = store.changes()[-1]
    own = last | {"seq": last["seq"] + 1, "by": "staff-2", "action": "publish", "previous_hash": last["hash"]}
    own |= {"stands": history.node_text(node["e"]), "edition": store.draft, "keys": []}
    own["hash"] = history.seal(own)
    store.run(
        "MATCH (e:Edition {number: $draft}), (chain:Chain) CREATE (c:Change)-[:IN]->(e) "
        "SET c = $own, chain.seq = $own.seq, chain.head = $own.hash",
        own=own,
    )


CONTENT: Mapping[str, tuple[str, str]] = {
    "a procedure renamed": (
        "MATCH (p:Procedure {edition: $live}) WITH p LIMIT 1 SET p.name = 'ちがう届'",
        "内容が、履歴のハッシュと違います",
    ),
    "renamed, and the node's hash with it": (
        "MATCH (p:Procedure {edition: $live}) WITH p LIMIT 1 SET p.name = 'ちがう届' "
        "WITH p MATCH (e:Edition {number: $live}) SET e.content_hash = 'f'",
        "内容が、履歴のハッシュと違います",
    ),
    "an edge gone": ("MATCH (:Condition {edition: $live})-[e:SELECTS]->() WITH e LIMIT 1 DELETE e", "ハッシュ"),
    "an item gone": ("MATCH (p:Procedure {edition: $live, key: 'notice'}) DETACH DELETE p", "公開中の第"),
    "a question without its options": (
        "MATCH (q:Question {edition: $live})-[e:OFFERS]->() WITH e LIMIT 1 DELETE e",
        "公開中の第",
    ),
    "a field that the document does not have": (
        "MATCH (p:Procedure {edition: $live}) SET p.evil = 1",
        "このガイドが書いたのではない",
    ),
    "a value of another type": (
        "MATCH (p:Procedure {edition: $live, key: 'notice'}) SET p.name = date('2020-01-01')",
        "内容を読めません",
    ),
    "an edge that was there already": (
        "MATCH (c:Condition {edition: $live, key: 'always'})-[:SELECTS]->(p) CREATE (c)-[:SELECTS]->(p)",
        "このガイドが書いたのではない",
    ),
    "an edge to the same item of another edition": (
        "MATCH (c:Condition {edition: $live, key: 'always'})-[e:SELECTS]->(), (p:Item {edition: $first, key: 'notice'})"
        " DELETE e CREATE (c)-[:SELECTS]->(p)",
        "このガイドが書いたのではない",
    ),
    "an edge from a node of no edition": (
        "MATCH (p:Procedure {edition: $live, key: 'notice'}) CREATE (:Condition)-[:SELECTS]->(p)",
        "このガイドが書いたのではない",
    ),
    "a kind without being an item": (
        "CREATE (:Procedure {edition: $live, key: 'fake', name: 'にせの届'})",
        "公開中の第",
    ),
    "an item without a key": ("CREATE (:Item:Procedure {edition: $live, name: 'にせの届'})", "公開中の第"),
    "an item of a second kind": (
        "MATCH (p:Procedure {edition: $live, key: 'notice'}) SET p:Document",
        "公開中の第",
    ),
    "a draft live": (
        "MATCH (e:Edition {number: $draft}) SET e.state = 'published', e.published_at = datetime()",
        "いまは第4版、履歴では第3版",
    ),
    "an old edition live": (
        "MATCH (e:Edition {number: $first}) SET e.published_at = datetime()",
        "いまは第1版、履歴では第3版",
    ),
    "the live edition taken back": (
        "MATCH (e:Edition {number: $live}) SET e.state = 'withdrawn'",
        "いまは第1版、履歴では第3版",
    ),
    "the live edition waiting": (
        "MATCH (e:Edition {number: $live}) SET e.scheduled = true, e.published_at = datetime() + duration({days: 9})",
        "いまは第1版、履歴では第3版",
    ),
    "the live edition gone": ("MATCH (e:Edition {number: $live}) DETACH DELETE e", "いまは第1版、履歴では第3版"),
    "the live edition called archived": (
        "MATCH (e:Edition {number: $live}) SET e.archived = true",
        "いまは第1版、履歴では第3版",
    ),
    "everything gone": ("MATCH (n) DETACH DELETE n", "あったはずの版と履歴がありません"),
    "an edition live that the history does not know": (
        "MATCH (e:Edition {number: $live}) CREATE (o:Edition {number: 99}) "
        "SET o += e {.*, number: 99, published_at: datetime()}",
        "いまは第99版、履歴では第3版",
    ),
}
"""What residents would be shown."""


@pytest.mark.parametrize("attack", CONTENT)
async def test_what_residents_are_shown_is_what_was_published(store: Store, attack: str) -> None:
    statement, words = CONTENT[attack]
    store.run(statement)
    quick, whole = await audit.standing(store.graph), await audit.verify(store.graph)
    assert [one.text for one in quick if words in one.text], quick
    assert [one.text for one in whole if words in one.text or attack == "everything gone"], whole
    assert quick[0].live, quick
    told: list[Flaw] = []
    assert await Watch(store.graph, tell=told.extend).reasons()
    assert told == quick


OTHERS: Mapping[str, tuple[str, str]] = {
    "an earlier edition changed": (
        "MATCH (p:Procedure {edition: $first, key: 'notice'}) SET p.name = 'x'",
        "第1版の内容が、履歴のハッシュと違います",
    ),
    "a draft changed": ("MATCH (p:Procedure {edition: $draft, key: 'notice'}) SET p.name = 'x'", "第4版の内容が"),
    "a draft's node changed": ("MATCH (e:Edition {number: $draft}) SET e.base = 1", "もとの版がいま 1、履歴では 3"),
    "a number that no document can hold": (
        "MATCH (e:Edition {number: $draft}) SET e.base = 9223372036854775807",
        "もとの版がいま 9223372036854775807",
    ),
    "a document of the archive changed": (
        "MATCH (a:Archive {edition: $archived}) SET a.document = 'x'",
        "第2版の保管庫の文書",
    ),
    "a document of the archive gone": ("MATCH (a:Archive) DELETE a", "第2版の保管庫の文書"),
    "items of no edition": ("CREATE (:Item:Procedure {edition: 77, key: 'x'})", "どの版のものでもない項目が 1 件"),
    "the count of editions set back": ("MATCH (chain:Chain) SET chain.editions = 1", "版の番号と合いません"),
    "a change of another author": ("MATCH (c:Change {seq: 2}) SET c.by = 'staff-2'", "2 番：その変更が書き換え"),
    "a change gone": ("MATCH (c:Change {seq: 2}) DETACH DELETE c", "2 番：そこにあった変更が抜けています"),
    "a change without its edition": ("MATCH (:Change {seq: 2})-[i:IN]->() DELETE i", "2 番：その変更が、版や項目と"),
    "a change in two editions": (
        "MATCH (c:Change {seq: 2}), (e:Edition {number: $draft}) CREATE (c)-[:IN]->(e)",
        "2 番：その変更が、版や項目と",
    ),
    "a change that no item finds": ("MATCH (:Change)-[t:TOUCHED]->() DELETE t", "版や項目と正しく結ばれていません"),
    "a change without hash": ("MATCH (c:Change {seq: 2}) REMOVE c.hash", "hash がありません"),
    "a change without what it is about": ("MATCH (c:Change {seq: 2}) REMOVE c.edition", "edition がありません"),
    "a moment where text belongs": ("MATCH (c:Change {seq: 2}) SET c.at = datetime()", "at の型が違います"),
    "a point": ("MATCH (c:Change {seq: 2}) SET c.extra = point({x: 1, y: 2})", "extra の型が違います"),
    "a number where text belongs": ("MATCH (c:Change {seq: 2}) SET c.by = 7", "by の型が違います"),
    "a place that is no whole number": ("MATCH (c:Change {seq: 2}) SET c.seq = 2.0", "番号のない、または"),
    "a place beyond all": ("MATCH (c:Change {seq: 2}) SET c.seq = 1.0 / 0.0", "番号のない、または"),
    "a change without a place": ("MATCH (c:Change {seq: 2}) REMOVE c.seq", "番号のない、または"),
    "a change put in": ("CREATE (:Change {seq: 0, by: 'x'})", "番号のない、または"),
    "the chain set back": ("MATCH (chain:Chain) SET chain.seq = chain.seq - 1", "切り取られて"),
    "the chain's head another": ("MATCH (chain:Chain) SET chain.head = 'x'", "切り取られています"),
    "the chain's place no number": ("MATCH (chain:Chain) SET chain.seq = 'x'", "切り取られています"),
}
"""What would be told of the past, or come to light later."""


@pytest.mark.parametrize("attack", OTHERS)
async def test_the_whole_store_is_what_the_history_says(store: Store, attack: str) -> None:
    statement, words = OTHERS[attack]
    store.run(statement)
    flaws = await audit.verify(store.graph)
    assert [one.text for one in flaws if words in one.text], flaws
    assert not [one for one in await audit.standing(store.graph) if one.live], "residents are not concerned"


async def test_a_look_does_not_end_by_what_nobody_foresaw(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """Readiness would otherwise say for ever what it said before."""

    def surprised(*_: object) -> str:
        raise ValueError("nobody foresaw this")

    watch = Watch(store.graph, tell=lambda flaws: None)
    assert await watch.reasons() == []
    monkeypatch.setattr(history, "is_right", surprised)
    await watch._look()
    reasons = await watch.reasons()
    assert reasons and "ValueError" in reasons[0]


@pytest.mark.parametrize(
    ("attack", "how"),
    [(lambda store: reseal(store, 2, by="staff-2"), "replaced"), (cut, "short"), (forge, "unsealed")],
    ids=["a forged author, sealed anew", "the tail cut, and the chain set back", "a change added at the end"],
)
async def test_a_chain_that_was_made_to_fit_is_found_and_nothing_is_built_on_it(
    store: Store, attack: Callable[[Store], None], how: str
) -> None:
    attack(store)
    flaws = await audit.verify(store.graph)
    assert how in {one.how for one in flaws}, flaws
    assert how in {one.how for one in await audit.standing(store.graph)} or how == "replaced"
    changes = store.changes()
    with pytest.raises(Refused, match="tetsuzuki history verify"):
        await drafts.fork(store.graph, None, title="次", by=STAFF)
    assert store.changes() == changes


async def test_without_the_heads_the_seals_still_tell_a_forged_author(store: Store) -> None:
    store.ledger.heads_file.unlink()
    assert await audit.verify(store.graph) == []
    reseal(store, 2, by="staff-2")
    assert {one.how for one in await audit.verify(store.graph)} == {"unsealed"}


async def test_a_host_without_the_key_reads_but_does_not_write_until_it_is_told(store: Store, tmp_path: Path) -> None:
    elsewhere = Graph.open(Address(**_fields(store.address) | {"evidence": tmp_path / "history"}))
    assert [one.how for one in await audit.verify(elsewhere)] == ["keyless"]
    assert [one.live for one in await audit.standing(elsewhere)] == [False]
    with pytest.raises(Refused, match="tetsuzuki history anchor"):
        await drafts.fork(elsewhere, None, title="よそ", by=STAFF)
    shutil.copytree(store.ledger.folder, tmp_path / "history")
    assert await audit.verify(elsewhere) == []
    await drafts.fork(elsewhere, None, title="よそ", by=STAFF)
    assert await audit.verify(store.graph) == await audit.verify(elsewhere) == []
    await elsewhere.close()


async def test_a_restored_copy_is_taken_as_it_is_when_the_operator_says_so(store: Store) -> None:
    cut(store)
    store.run("MATCH (e:Edition {number: $draft}) SET e += $node", node=_node_before(store))
    before = len(store.changes())
    with pytest.raises(Refused, match="tetsuzuki history verify"):
        await importing.import_content(store.graph, content(**{NOTED: "戻したあと"}), publish=True, title="三")
    assert await history.anchor(store.graph, reason="控えから戻した") == before
    assert '"trusted": "控えから戻した"' in store.ledger.heads_file.read_text(encoding="utf-8")
    await importing.import_content(store.graph, content(**{NOTED: "戻したあと"}), publish=True, title="三")
    assert not (await history.verify(store.graph)).flaws


def _node_before(store: Store) -> dict[str, Any]:
    """The fields of the draft's node that a save changes, as they were."""
    return {"revision": 1, "content_hash": content_hash(content(**{OTHER: "二"}))}


async def test_a_chain_that_does_not_hold_is_not_taken_whatever_the_operator_says(store: Store) -> None:
    store.run("MATCH (c:Change {seq: 2}) SET c.by = 'staff-2'")
    with pytest.raises(Refused, match="2 番：その変更が書き換えられています"):
        await history.anchor(store.graph, reason="だいじょうぶ")


async def test_a_new_key_counts_from_where_the_chain_was_taken(store: Store) -> None:
    shutil.rmtree(store.ledger.folder)
    await history.anchor(store.graph, reason="鍵をなくした")
    assert store.ledger.key_file.stat().st_mode & 0o777 == 0o600
    await drafts.fork(store.graph, None, title="新しい鍵で", by=STAFF)
    assert await audit.verify(store.graph) == []
    reseal(store, len(store.changes()), by="staff-2")
    assert {one.how for one in await audit.verify(store.graph)} == {"replaced"}


REMEDIES: Mapping[str, Callable[[Store], Awaitable[object]]] = {
    "roll back": lambda store: publishing.roll_back(store.graph, store.first, by=STAFF, reason="書き換え"),
    "import": lambda store: importing.import_content(
        store.graph, content(**{OTHER: "二"}), publish=True, title="書き出したもの"
    ),
}


@pytest.mark.parametrize("remedy", REMEDIES)
async def test_residents_get_right_content_again(store: Store, remedy: str) -> None:
    """The import is of what the live edition's hash names: it is not taken for live already."""
    store.run("MATCH (p:Procedure {edition: $live, key: 'notice'}) SET p.name = 'x'")
    assert (await audit.standing(store.graph))[0].live
    await REMEDIES[remedy](store)
    assert not [one for one in await audit.standing(store.graph) if one.live]
    assert [one.edition for one in await audit.verify(store.graph)] == [store.live], "what was changed is still told"
    live = await editions.live(store.graph.latest)
    assert live is not None and live.number > store.draft


def _fields(address: Address) -> dict[str, Any]:
    return {name: getattr(address, name) for name in ("uri", "user", "password", "database", "evidence")}
