"""The content of an edition as a file that can be imported again."""

from __future__ import annotations

import asyncio

from fastapi import APIRouter, Request
from fastapi.responses import Response

from service.content.canonical import as_yaml
from service.web.previews import Number
from service.web.staff import context
from service.web.staff.auth import NO_STORE
from service.web.staff.context import Staff

router = APIRouter(include_in_schema=False)


@router.get("/staff/editions/{number}/content")
async def show(request: Request, number: Number, actor: Staff) -> Response:
    """The content of an edition, whatever its state, as a YAML file."""
    content = await context.visit(request, actor).service.content(number)
    body = await asyncio.to_thread(as_yaml, content)
    name = {"Content-Disposition": f'attachment; filename="edition-{number}.yaml"'}
    return Response(body, headers=NO_STORE | name, media_type="application/yaml")
