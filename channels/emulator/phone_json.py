"""JSON from a phone or a test: read with care, so that no text can make the emulator fall over."""

import json
from collections.abc import Awaitable, Callable
from typing import Annotated, Any, TypeVar

from fastapi import HTTPException, Path, Request
from pydantic import BaseModel, StringConstraints, ValidationError

# A phone number, or the user id of somebody on WhatsApp who keeps the number private.
NUMBER_PATTERN = r"^(\+[1-9][0-9]{6,14}|[A-Z]{2}\.[A-Za-z0-9]{4,128})$"
PhoneNumber = Annotated[str, StringConstraints(pattern=NUMBER_PATTERN)]
NumberInPath = Annotated[str, Path(pattern=NUMBER_PATTERN)]

M = TypeVar("M", bound=BaseModel)


def whole(value: Any) -> Any:
    """The value with every lone surrogate replaced: no network carries one, and UTF-8 cannot say it."""
    if isinstance(value, str):
        return value.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    if isinstance(value, list):
        return [whole(item) for item in value]
    if isinstance(value, dict):
        return {whole(key): whole(item) for key, item in value.items()}
    return value


def loads(text: str | bytes) -> Any:
    """Parsed JSON; raises ValueError for anything that is none, however deeply nested."""
    try:
        return whole(json.loads(text))
    except RecursionError as error:
        raise ValueError("nested too deeply") from error


def json_body(model: type[M]) -> Callable[[Request], Awaitable[M]]:
    """A FastAPI dependency that reads the request's body as this model, or answers 422 without echoing it."""

    async def read(request: Request) -> M:
        try:
            return model.model_validate(loads(await request.body() or b"{}"))
        except ValidationError as error:
            problems = error.errors(include_url=False, include_input=False, include_context=False)
            raise HTTPException(422, [{"field": str(p["loc"]), "problem": p["msg"]} for p in problems]) from error
        except ValueError as error:
            raise HTTPException(422, "the body is not JSON") from error

    return read
