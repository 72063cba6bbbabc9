"""The content of an edition as a file that can be imported again."""

from __future__ import annotations

import asyncio
from typing import Annotated

from fastapi import APIRouter, Depends, Request
from fastapi.responses import Response

from service.accounts.permissions import Actor, Permission
from service.content.canonical import as_yaml
from service.editions.service import EditionService
from service.web.previews import Number
from service.web.staff import auth
from service.web.staff.auth import NO_STORE

router = APIRouter(include_in_schema=False)


@router.get("/staff/editions/{number}/content")
async def exported(request: Request, number: Number, actor: Annotated[Actor, Depends(auth.staff)]) -> Response:
    """The content of an edition, whatever its state, as a YAML file."""
    actor.needs(Permission.READ)
    service: EditionService = request.app.state.editions
    body = await asyncio.to_thread(as_yaml, await service.content(number))
    name = {"Content-Disposition": f'attachment; filename="edition-{number}.yaml"'}
    return Response(body, headers=NO_STORE | name, media_type="application/yaml")
