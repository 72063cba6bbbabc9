"""What has to be read again and may be known to nobody who only has the database: encrypted with the guide's key."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from cryptography.fernet import Fernet, InvalidToken

from service.errors import Refused
from service.store import secret_files

FILE = Path("accounts") / "key"
"""Where the key is, in the data directory."""


class KeyLost(Refused):
    """What was encrypted cannot be read with the key of this host."""

    code = "key_lost"
    remedy = "Give this host the key that the others have, or reset the account; see `ops/runbook.md`"


@dataclass(frozen=True, slots=True)
class Vault:
    """The key: the one that the settings give, or the one in the file, which is made when it is first needed."""

    file: Path
    given: str | None = None

    def closed(self, text: str) -> str:
        """The text, encrypted. Errors: Refused where there is no key and none can be made, or it is none."""
        return self._fernet().encrypt(text.encode()).decode()

    def opened(self, token: str) -> str:
        """The text that was encrypted. Errors: KeyLost when this key does not open it; Refused as of `closed`."""
        try:
            return self._fernet().decrypt(token.encode()).decode()
        except InvalidToken as error:
            raise KeyLost(
                "ワンタイムコードの鍵が、登録したときのものと違います。管理者に、このアカウントの再設定を頼んでください。"
            ) from error

    def _fernet(self) -> Fernet:
        where = "TETSUZUKI_ACCOUNTS_KEY" if self.given is not None else str(self.file)
        try:
            return Fernet(self.given if self.given is not None else self._kept())
        except ValueError as error:
            raise Refused(f"アカウントの鍵（{where}）が壊れています。控えから戻してください。") from error
        except OSError as error:
            raise Refused(f"アカウントの鍵（{where}）を読み書きできません（{error.strerror}）。") from error

    def _kept(self) -> str:
        if not self.file.exists():
            secret_files.make(self.file, Fernet.generate_key().decode())
        return self.file.read_text(encoding="ascii").strip()
