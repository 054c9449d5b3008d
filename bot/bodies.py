"""What requests to the channel hold: JSON objects with strings, and nothing else is taken."""

import json

from sanic.request import Request

LANGUAGES = ("ar", "en")


class MalformedRequest(Exception):
    """The request isn't what this channel documents; the message says what is wrong."""


def fields(request: Request, *names: str) -> dict[str, str]:
    """The named strings of a JSON body. Raises MalformedRequest where one is missing or isn't a string."""
    try:
        body = json.loads(request.body)
    except ValueError as problem:
        raise MalformedRequest("the body is not JSON") from problem
    if not isinstance(body, dict):
        raise MalformedRequest("the body is not a JSON object")
    for name in names:
        if not isinstance(body.get(name), str):
            raise MalformedRequest(f"{name} must be a string")
    return {name: body[name] for name in names}


def conversation_of(request: Request) -> str:
    """The conversation a request is about."""
    conversation = fields(request, "conversation")["conversation"]
    if not conversation:
        raise MalformedRequest("conversation must not be empty")
    return conversation


def check_language(language: str) -> None:
    """Raises MalformedRequest for a language that we don't write."""
    if language not in LANGUAGES:
        raise MalformedRequest(f"language must be one of {', '.join(LANGUAGES)}")
