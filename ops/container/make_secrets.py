"""Make the passwords of compose.yaml in `var/secrets`, once; what is there stays. Standard library only.

Containers read the files as users of their own, so the files are readable and the folder is closed to others.
"""

from __future__ import annotations

import secrets
import sys
from pathlib import Path

FOLDER = Path(__file__).resolve().parents[2] / "var" / "secrets"


def main() -> int:
    """Exit status 0; says what was made."""
    password = secrets.token_urlsafe(24)
    values = {"neo4j_auth": f"neo4j/{password}", "tetsuzuki_neo4j_password": password}
    FOLDER.mkdir(parents=True, exist_ok=True, mode=0o700)
    FOLDER.chmod(0o700)
    there = [name for name in values if (FOLDER / name).exists()]
    if there:
        print(f"{FOLDER} に {'、'.join(there)} があります。そのまま使います。")
        return 0 if len(there) == len(values) else 1
    for name, value in values.items():
        (FOLDER / name).write_text(value, encoding="ascii")
        (FOLDER / name).chmod(0o444)
    print(f"{FOLDER} にパスワードを作りました。")
    return 0


if __name__ == "__main__":
    sys.exit(main())
