"""Forms of the interview: what was sent, and on to the address of its answers."""

from __future__ import annotations

from dataclasses import replace

from fastapi import Request
from fastapi.responses import Response

from service.guidance import forms
from service.guidance.forms import Submission
from service.guidance.service import Visit
from service.web.residents import context
from service.web.residents.parts import address


def read(request: Request, visit: Visit) -> Submission:
    """What a form said, read on the edition that it was made from, and with that edition in its query."""
    parameters = context.parameters(request)
    if visit.before is not None:
        return forms.submitted(parameters, visit.before)
    form = forms.submitted(parameters, visit.outline)
    # Answers from content that is not here keep its name, so that the page they lead to says so.
    return form if visit.unknown else replace(form, query=replace(form.query, from_edition=visit.edition.name))


def redirect(path: str, request: Request, form: Submission) -> Response:
    """On to the address of a form's answers; what they make moot is said there."""
    return context.redirect(request, address(path, form.query, moot=form.moot))
