"""The settings: the only place that reads the environment. `ops/settings.md` is made from it."""

from __future__ import annotations

import os
from functools import lru_cache
from pathlib import Path

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

ROOT = Path(__file__).resolve().parent.parent
NATIONAL = ROOT / "seed" / "national"
"""The law of every city, as it comes with this program."""
SECRETS = Path("/run/secrets")
"""Where containers find secrets: a file with the name of a setting holds its value (the environment comes first)."""


def _cache_home() -> Path:
    """The cache folder by the XDG base directory specification."""
    home = os.environ.get("XDG_CACHE_HOME")
    return (Path(home) if home else Path.home() / ".cache") / "tetsuzuki"


class Settings(BaseSettings):
    """Everything that may differ between installations; environment names carry the prefix `TETSUZUKI_`."""

    model_config = SettingsConfigDict(
        env_prefix="TETSUZUKI_",
        extra="ignore",
        frozen=True,
        use_attribute_docstrings=True,
        secrets_dir=SECRETS if os.access(SECRETS, os.R_OK | os.X_OK) else None,
    )

    data_dir: Path = Path("./var")
    """Data: the embedded database, its password, its logs, who is using it; and for every database the key of the
    history and where it ended. This is what has to be kept."""
    cache_dir: Path = Field(default_factory=_cache_home)
    """What was fetched or worked out once (Neo4j, Java, start archive); may be deleted at any time. Follows
    `XDG_CACHE_HOME`."""
    host: str = "127.0.0.1"
    """Address to listen on. `0.0.0.0` for all; then put a proxy with TLS in front."""
    port: int = Field(default=8000, ge=0, le=65535)
    """Port to listen on; `0` lets the system choose one, and the start says which."""
    workers: int = Field(default=1, ge=1, le=64)
    """Web processes, 1 to 64. Each has caches and a connection pool of its own."""
    public_url: str | None = None
    """Address under which residents reach the guide, for the 2D code of the print sheet and for calendar entries;
    without it, the address of the request."""
    city: Path = ROOT / "seed" / "soja"
    """Folder of the city that the guide speaks for: `municipality.yaml`, and its content as a layer over the law of
    every city."""
    municipality: Path | None = None
    """The municipality: names, contact, opening days. Without it, `municipality.yaml` in the folder of the city."""
    seed: str | None = None
    """Folders with the first edition, published by `serve` in a store without any edition: layers, the lowest first,
    separated as in `PATH`. Without it, the law of every city (`seed/national`) and the folder of the city."""

    neo4j_uri: str | None = None
    """A Neo4j of your own (`bolt://`, `neo4j://`, `neo4j+s://` …). Without it, the embedded one."""
    neo4j_user: str = "neo4j"
    """Its user."""
    neo4j_password: SecretStr | None = None
    """Its password; required together with the address."""
    neo4j_database: str = "neo4j"
    """Its database."""
    neo4j_heap: str = "512m"
    """Largest heap of the embedded database."""
    neo4j_pagecache: str = "128m"
    """Page cache of the embedded database."""
    store_dir: Path | None = None
    """A folder on the volume with the files of a Neo4j of your own, if it can be seen from here. The embedded one's are
    known."""
    store_free_bytes: int = Field(default=512 * 1024 * 1024, ge=0)
    """What has to be free on that volume before a write begins; below it, staff and imports are refused and residents
    are served as ever. `0` refuses nothing."""
    maven_url: str | None = None
    """Maven repository to fetch Neo4j from, such as a mirror; without it, Maven Central. What is fetched has to match
    `ops/neo4j.lock`."""
    ca_bundle: Path | None = None
    """PEM file with the certificates to trust while Neo4j (beside the machine's own) or Java is fetched."""
    java: Path | None = None
    """The `java` program to use, version 17 or 21; without it `JAVA_HOME`, the path, the cache, PyPI, in this
    order."""
    java_home: Path | None = Field(default=None, validation_alias="JAVA_HOME")
    """Where a Java is, as other programs read it; passed over when it is not 17 or 21."""

    cache_bytes: int = Field(default=192 * 1024 * 1024, ge=0)
    """What each web process keeps at most (items, guidance, pages, comparisons), as estimated; `0` keeps nothing."""
    guidance_seconds: float = Field(default=2, gt=0)
    """Longest time that guidance which nobody asked for before may be expected to take, with all that waits before it
    in the same web process. Beyond it the page 「ただいま混み合っています」 (503) is sent at once; what is kept is
    served."""
    request_bytes: int = Field(default=256 * 1024, ge=1024)
    """Largest body of a request; a larger one is answered with 413."""
    import_bytes: int = Field(default=8 * 1024 * 1024, ge=1024)
    """… of one by which staff bring in the content of a whole edition."""
    request_seconds: float = Field(default=10, gt=0)
    """Longest time that a body may take from its first byte to its last; then 408."""
    trusted_proxies: str = "127.0.0.1"
    """Addresses, separated by commas, whose `X-Forwarded-For` and `X-Forwarded-Proto` are believed."""
    second_person: bool = False
    """Whether a draft has to be published by somebody else than who edited it last."""
    archive_after_days: int = Field(default=730, ge=1)
    """How long after an edition was last live `tetsuzuki archive --due` takes it out of the graph."""
    rate_per_minute: int = Field(default=0, ge=0)
    """Requests a minute that each address may send to one process; `0` for no limit. A /64 network of IPv6 counts as
    one address; `/static/` and `/health/` are not counted, and loopback is never limited."""

    staff_link_minutes: int = Field(default=60, ge=1, le=10_080)
    """How long the one-time link into the staff's pages is good for."""
    staff_session_hours: int = Field(default=10, ge=1, le=168)
    """How long who came in stays in at most, and how long a token of `staff-link --api` is good for."""
    staff_idle_minutes: int = Field(default=60, ge=5, le=1_440)
    """How long who came in may do nothing, and is still in afterwards."""
    accounts_key: SecretStr | None = None
    """The key (32 bytes in URL-safe Base64) that encrypts the secrets of the staff's code apps; several hosts on one
    database need the same. Without it, `accounts/key` in the data directory, made when it is first needed."""
    preview_days: int = Field(default=14, ge=1, le=90)
    """For how long a link to a preview is proposed, 1 to 90 days."""

    @property
    def municipality_file(self) -> Path:
        """The file that says who the city is."""
        return self.municipality or self.city / "municipality.yaml"

    @property
    def layers(self) -> tuple[Path, ...]:
        """The folders of the first edition, the lowest layer first."""
        if self.seed is None:
            return (NATIONAL, self.city)
        return tuple(Path(folder) for folder in self.seed.split(os.pathsep) if folder)


def child_environment(**changes: str) -> dict[str, str]:
    """This process's environment for a child, with settings changed: `neo4j_uri="…"` becomes `TETSUZUKI_NEO4J_URI`."""
    return {**os.environ, **{f"TETSUZUKI_{name.upper()}": value for name, value in changes.items()}}


@lru_cache(maxsize=1)
def settings() -> Settings:
    """The settings of this process, read once."""
    return Settings()
