"""What each address of the staff asks of who comes there: the one place that says so, pages and API alike.

What an act does is asked for once more where it is done (`Actor.needs`): no way in can forget that.
"""

from __future__ import annotations

from collections.abc import Mapping

from service.accounts.permissions import Permission

READ, EDIT, PUBLISH = Permission.READ, Permission.EDIT, Permission.PUBLISH
ARCHIVE, ADMINISTER = Permission.ARCHIVE, Permission.ADMINISTER

OPEN = frozenset(
    {
        "GET /staff/enter",
        "POST /staff/enter",
        "GET /staff/sign-in",
        "POST /staff/sign-in",
        "GET /staff/sign-in/password",
        "POST /staff/sign-in/password",
        "GET /staff/sign-in/totp",
        "POST /staff/sign-in/totp",
        "GET /staff/sign-in/code",
        "POST /staff/sign-in/code",
    }
)
"""Where people come who are not in yet."""

NEEDS: Mapping[str, Permission] = {
    "POST /staff/leave": READ,
    "GET /staff": READ,
    "GET /staff/account": READ,
    "POST /staff/account/password": READ,
    "GET /staff/account/totp": READ,
    "POST /staff/account/totp": READ,
    "POST /staff/account/sessions": READ,
    "POST /staff/account/sessions/{session}": READ,
    "GET /staff/accounts": ADMINISTER,
    "POST /staff/accounts": ADMINISTER,
    "GET /staff/accounts/{account}": ADMINISTER,
    "POST /staff/accounts/{account}": ADMINISTER,
    "POST /staff/accounts/{account}/act/{act}": ADMINISTER,
    "POST /staff/accounts/{account}/sessions/{session}": ADMINISTER,
    "GET /staff/editions": READ,
    "POST /staff/editions/archive-due": ARCHIVE,
    "GET /staff/import": EDIT,
    "POST /staff/import": EDIT,
    "GET /staff/drafts/new": EDIT,
    "POST /staff/drafts/new": EDIT,
    "GET /staff/editions/{number}": READ,
    "GET /staff/editions/{number}/content": READ,
    "GET /staff/editions/{number}/act/{act}": READ,
    "POST /staff/editions/{number}/act/{act}": READ,  # discarding, publishing and archiving each ask for their own
    "GET /staff/editions/{number}/findings": READ,
    "GET /staff/editions/{number}/confirm": READ,
    "GET /staff/editions/{number}/confirm/{window}": READ,
    "POST /staff/editions/{number}/confirm/{window}": EDIT,
    "GET /staff/editions/{number}/scenarios": READ,
    "GET /staff/editions/{number}/new-scenario": EDIT,
    "POST /staff/editions/{number}/new-scenario": EDIT,
    "GET /staff/editions/{number}/items": READ,
    "GET /staff/editions/{number}/new-item": EDIT,
    "POST /staff/editions/{number}/new-item": EDIT,
    "GET /staff/editions/{number}/table/{key}": READ,
    "POST /staff/editions/{number}/table/{key}": EDIT,
    "GET /staff/editions/{number}/items/{key}": READ,
    "POST /staff/editions/{number}/items/{key}": EDIT,
    "GET /staff/editions/{number}/items/{key}/remove": EDIT,
    "POST /staff/editions/{number}/items/{key}/remove": EDIT,
    "GET /staff/editions/{number}/graph": READ,
    "GET /staff/editions/{number}/graph/{key}": READ,
    "GET /staff/editions/{number}/graph/{key}/connect": EDIT,
    "POST /staff/editions/{number}/graph/{key}/connect": EDIT,
    "POST /staff/editions/{number}/graph/{key}/disconnect": EDIT,
    "GET /staff/editions/{number}/map/{key}": READ,
    "GET /staff/editions/{number}/publish": READ,
    "POST /staff/editions/{number}/publish": PUBLISH,
    "GET /staff/editions/{number}/merge": READ,
    "POST /staff/editions/{number}/merge": EDIT,
    "GET /staff/law": READ,
    "POST /staff/law": EDIT,
    "GET /staff/editions/{number}/questions": READ,
    "GET /staff/compare": READ,
    "GET /staff/history/verify": READ,
    "GET /staff/history": READ,
    "GET /staff/items/{key:path}/history": READ,
    "GET /staff/history/{number}": READ,
    "POST /staff/history/{number}": EDIT,
    "GET /staff/editions/{number}/previews": READ,
    "POST /staff/editions/{number}/previews": EDIT,
    "POST /staff/editions/{number}/previews/{link}/revoke": EDIT,
    "GET /api/v1/staff/editions": READ,
    "GET /api/v1/staff/editions/due": READ,
    "GET /api/v1/staff/editions/{number}": READ,
    "POST /api/v1/staff/editions": EDIT,
    "GET /api/v1/staff/editions/{number}/content": READ,
    "POST /api/v1/staff/drafts": EDIT,
    "GET /api/v1/staff/editions/{number}/layers": READ,
    "GET /api/v1/staff/law": READ,
    "POST /api/v1/staff/drafts/update": EDIT,
    "GET /api/v1/staff/editions/{number}/items/{key:path}": READ,
    "POST /api/v1/staff/drafts/{number}/changes": EDIT,
    "POST /api/v1/staff/drafts/{number}/trial": EDIT,
    "POST /api/v1/staff/drafts/revert": EDIT,
    "POST /api/v1/staff/drafts/{number}/revert": EDIT,
    "POST /api/v1/staff/drafts/{number}/merge": EDIT,
    "POST /api/v1/staff/drafts/{number}/confirm": EDIT,
    "POST /api/v1/staff/drafts/{number}/scenarios": EDIT,
    "POST /api/v1/staff/drafts/{number}/discard": EDIT,
    "POST /api/v1/staff/drafts/{number}/publish": PUBLISH,
    "GET /api/v1/staff/editions/{number}/findings": READ,
    "GET /api/v1/staff/editions/{number}/unconfirmed": READ,
    "GET /api/v1/staff/editions/{number}/scenarios": READ,
    "GET /api/v1/staff/editions/{number}/comparison": READ,
    "GET /api/v1/staff/editions/{number}/readiness": READ,
    "GET /api/v1/staff/drafts/{number}/merge": READ,
    "GET /api/v1/staff/editions/{number}/interviews": READ,
    "GET /api/v1/staff/editions/{number}/interviews/{event}/moves": READ,
    "POST /api/v1/staff/editions/{number}/withdraw": PUBLISH,
    "POST /api/v1/staff/editions/{number}/rollback": PUBLISH,
    "POST /api/v1/staff/editions/archive-due": ARCHIVE,
    "POST /api/v1/staff/editions/{number}/archive": ARCHIVE,
    "POST /api/v1/staff/editions/{number}/bring-back": ARCHIVE,
    "GET /api/v1/staff/editions/{number}/previews": READ,
    "POST /api/v1/staff/editions/{number}/previews": EDIT,
    "POST /api/v1/staff/editions/{number}/previews/{link}/revoke": EDIT,
    "GET /api/v1/staff/history/verification": READ,
    "GET /api/v1/staff/history": READ,
}


def needed(method: str, route: str) -> Permission:
    """What a route asks for. One that nobody has put here is the administrators' alone (and a test fails)."""
    return NEEDS.get(f"{method} {route}", ADMINISTER)
