"""Every address of the staff's pages."""

from __future__ import annotations

from fastapi import APIRouter

from service.web.staff import (
    account,
    accounts,
    act,
    change,
    compare,
    confirm,
    connect,
    edition,
    editions,
    event_map,
    export,
    findings,
    graph,
    history,
    imports,
    item,
    items,
    law,
    merge,
    new_draft,
    overview,
    preview_links,
    publish,
    questions,
    remove,
    scenarios,
    sign_in,
    table,
    verify,
)

PAGES = (
    sign_in,
    account,
    accounts,
    overview,
    editions,
    imports,
    export,
    new_draft,
    edition,
    act,
    findings,
    confirm,
    scenarios,
    items,
    item,
    table,
    graph,
    connect,
    event_map,
    remove,
    publish,
    merge,
    law,
    questions,
    compare,
    verify,
    history,
    change,
    preview_links,
)

router = APIRouter(include_in_schema=False)
for _page in PAGES:
    router.routes.extend(_page.router.routes)
