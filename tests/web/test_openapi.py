"""The OpenAPI document: complete, with examples that run on the first edition, and true for whatever is sent."""

from __future__ import annotations

from typing import Any

import httpx
import pytest
import requests
import schemathesis
from hypothesis import HealthCheck, given
from hypothesis import settings as bounded
from schemathesis import Case, GenerationMode
from schemathesis.schemas import BaseSchema
from schemathesis.specs.openapi.checks import positive_data_acceptance

from service.settings import Settings
from tests.seed import seed
from tests.web.serving import publish

ADDRESS = "/api/v1/openapi.json"
STAFF = "/api/v1/staff/"
OPERATIONS = {
    ("get", "/api/v1/documents"),
    ("get", "/api/v1/editions"),
    ("get", "/api/v1/editions/{edition}/content"),
    ("get", "/api/v1/laws"),
    ("get", "/api/v1/life-events"),
    ("get", "/api/v1/procedures"),
    ("get", "/api/v1/procedures/{key}"),
    ("get", "/api/v1/questions"),
    ("get", "/api/v1/terms"),
    ("get", "/api/v1/windows"),
    ("post", "/api/v1/guidance"),
    ("post", "/api/v1/guidance/why"),
}
BOUNDS = bounded(
    max_examples=20, deadline=None, derandomize=True, database=None, suppress_health_check=list(HealthCheck)
)


@pytest.fixture(scope="module")
def edition(settings: Settings) -> int:
    """The edition that the examples are written for."""
    return publish(settings, seed(), title="最初の版")


@pytest.fixture(scope="module")
def document(api: httpx.Client) -> dict[str, Any]:
    found: dict[str, Any] = api.get(ADDRESS).json()
    return found


@pytest.fixture(scope="module")
def described(api: httpx.Client, edition: int) -> BaseSchema:
    """The document as schemathesis reads it, for the running service."""
    return schemathesis.openapi.from_url(str(api.base_url.join(ADDRESS)))


def _operations(document: dict[str, Any]) -> dict[tuple[str, str], dict[str, Any]]:
    return {
        (method, path): operation
        for path, methods in document["paths"].items()
        if path.startswith("/api/")
        for method, operation in methods.items()
    }


def test_every_operation_is_described(document: dict[str, Any]) -> None:
    """Those of everybody by name; those of staff as they are, for `tests/web/test_editing_api.py` calls each."""
    found = _operations(document)
    assert {one for one in found if not one[1].startswith(STAFF)} == OPERATIONS
    assert len({operation["operationId"] for operation in found.values()}) == len(found)
    for (method, path), operation in found.items():
        assert operation["summary"], path
        done = operation["responses"].get("200") or operation["responses"]["201"]
        assert done["content"]["application/json"]["schema"], path
        assert "503" in operation["responses"], path
        for status, answer in operation["responses"].items():
            if int(status) >= 400:
                schema = answer["content"]["application/json"]["schema"]
                assert schema == {"$ref": "#/components/schemas/Failure"}, (method, path, status)


def test_nothing_is_described_but_the_interface(document: dict[str, Any]) -> None:
    assert {path for path in document["paths"] if not path.startswith("/api/v1/")} == set()


def _examples(document: dict[str, Any]) -> list[tuple[str, str, dict[str, Any]]]:
    found = []
    for (method, path), operation in _operations(document).items():
        if method == "post" and not path.startswith(STAFF):
            given = operation["requestBody"]["content"]["application/json"]["examples"]
            found += [(path, name, example["value"]) for name, example in given.items()]
    return found


def test_every_example_runs(api: httpx.Client, document: dict[str, Any], described: BaseSchema, edition: int) -> None:
    """On the first edition, with an answer of the shape that the document tells."""
    examples = _examples(document)
    assert {path for path, _, _ in examples} == {"/api/v1/guidance", "/api/v1/guidance/why"}
    for path, name, body in examples:
        answer = api.post(path, json=body | {"edition": edition})
        assert answer.status_code == 200, (name, answer.text)
        described[path]["POST"].validate_response(answer)
        assert answer.json().get("procedures") or answer.json().get("conditions"), name


def test_every_answer_has_the_shape_that_is_told(
    api: httpx.Client, document: dict[str, Any], described: BaseSchema, edition: int
) -> None:
    for method, path in OPERATIONS:
        if method == "get":
            address = path.replace("{edition}", str(edition)).replace("{key}", "tennyu")
            answer = api.get(address)
            assert answer.status_code == 200, (path, answer.text)
            described[path]["GET"].validate_response(answer)


SENT = [
    (method, path, mode)
    for method, path in sorted(OPERATIONS)
    for mode in GenerationMode
    if path != "/api/v1/editions" or mode == GenerationMode.POSITIVE  # takes nothing that could be wrong
]


@pytest.mark.parametrize(("method", "path", "mode"), SENT)
def test_whatever_is_sent_is_answered_as_told(
    described: BaseSchema, method: str, path: str, mode: GenerationMode
) -> None:
    """Made-up keys fit the schema and are refused all the same: that, and only that, is not checked."""

    @given(case=described[path][method.upper()].as_strategy(generation_mode=mode))
    @bounded(BOUNDS)
    def answered(case: Case[Any]) -> None:
        with requests.Session() as session:
            session.trust_env = False
            case.call_and_validate(session=session, excluded_checks=[positive_data_acceptance])

    answered()
