"""Items as residents may see them."""

from __future__ import annotations

from service.content.fields import fields_of
from service.content.models import Procedure


def as_residents_see(procedure: Procedure) -> Procedure:
    """The procedure without what only holds in another city (scope `example`): residents read 要確認 instead."""
    if procedure.scope != "example":
        return procedure
    model = type(procedure)
    practice = (entry.attribute for entry in fields_of(model).values() if entry.practice)
    return procedure.model_copy(update={name: model.model_fields[name].get_default() for name in practice})
