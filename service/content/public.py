"""Items as residents may see them."""

from __future__ import annotations

from service.content.models import UNKNOWN, Procedure


def as_residents_see(procedure: Procedure) -> Procedure:
    """The procedure without what only holds in another city (scope `example`): residents read 要確認 instead."""
    if procedure.scope != "example":
        return procedure
    unknown = {name: UNKNOWN for name in ("postal", "proxy", "online", "prepare_in_advance")}
    return procedure.model_copy(update={**unknown, "deadline": None, "fee": None, "needs": []})
