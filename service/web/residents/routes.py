"""The residents' pages, in the order of a visit. Previews have all of them but the public changes.

Routes are put side by side, not included one router in another: FastAPI tries an included router again at each level.
"""

from __future__ import annotations

from fastapi import APIRouter

from service.web.residents import (
    about,
    calendar,
    changes,
    home,
    pinned,
    procedures,
    question,
    result,
    review,
    search,
    sheet,
    terms,
    why,
    windows,
)

PREVIEWED = (home, question, review, result, sheet, calendar, pinned, why, procedures, windows, terms, search, about)

previewed = APIRouter(include_in_schema=False)
for _page in PREVIEWED:
    previewed.routes.extend(_page.router.routes)

public = APIRouter(include_in_schema=False)
public.routes.extend([*previewed.routes, *changes.router.routes])
