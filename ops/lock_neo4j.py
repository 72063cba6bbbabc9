"""Write `ops/neo4j.lock`: every jar of the Neo4j server with sha256, size and repository path.

Only for raising the version (`python ops/lock_neo4j.py 5.26.31`); needs Maven, which verifies the repository's
checksums. The lock is what installations trust afterwards: review its difference like any other change.
"""

from __future__ import annotations

import hashlib
import subprocess
import sys
import tempfile
from pathlib import Path

LOCK = Path(__file__).resolve().parent / "neo4j.lock"
COPY = "org.apache.maven.plugins:maven-dependency-plugin:3.6.1:copy-dependencies"
POM = """<project><modelVersion>4.0.0</modelVersion>
<groupId>lock</groupId><artifactId>lock</artifactId><version>1</version>
<dependencies><dependency><groupId>org.neo4j</groupId><artifactId>neo4j</artifactId>
<version>{version}</version></dependency></dependencies></project>
"""


def resolve(version: str, folder: Path) -> list[Path]:
    """The jars that the server of this version runs with, laid out below `folder` as in the repository."""
    pom = folder / "pom.xml"
    pom.write_text(POM.format(version=version), encoding="utf-8")
    arguments = [
        "-DincludeScope=runtime",
        "-Dmdep.useRepositoryLayout=true",
        f"-DoutputDirectory={folder}/jars",
    ]
    subprocess.run(["mvn", "-q", "-B", "-C", "-f", str(pom), COPY, *arguments], check=True)
    return sorted((folder / "jars").rglob("*.jar"))


def line(jar: Path, root: Path) -> str:
    """One line of the lock: sha256, size in bytes, path below the repository's address."""
    digest = hashlib.sha256(jar.read_bytes()).hexdigest()
    return f"{digest} {jar.stat().st_size} {jar.relative_to(root).as_posix()}"


def main() -> int:
    """Exit status 0 when the lock was written, 2 on wrong use."""
    if len(sys.argv) != 2:
        print(__doc__, file=sys.stderr)
        return 2
    version = sys.argv[1]
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        lines = [line(jar, folder / "jars") for jar in resolve(version, folder)]
    head = f"# Neo4j Community {version}: sha256, size in bytes, repository path. Made by ops/lock_neo4j.py.\n"
    LOCK.write_text(head + "\n".join(lines) + "\n", encoding="utf-8")
    print(f"{len(lines)} jars, {LOCK}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
