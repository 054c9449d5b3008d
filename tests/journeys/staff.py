"""Staff in a journey: a demo account signed in to the running product's console, without a browser."""

import re

import httpx

from tests.stack import Stack


def signed_in(stack: Stack, role: str) -> httpx.Client:
    """A client with the session of the demo account of a role, whose password `make run` printed."""
    found = re.search(rf"({role}@\S+)\s+(\S+)", stack.output.read_text())
    assert found
    client = httpx.Client(base_url=stack.url, follow_redirects=True, timeout=30, trust_env=False)
    client.headers["Accept-Language"] = "en"
    page = client.get("/console/sign-in").text
    sent = send(client, "/console/sign-in", page, email=found[1], password=found[2])
    assert sent.url.path == "/console/conversations"
    return client


def send(client: httpx.Client, address: str, page: str, **fields: str) -> httpx.Response:
    """Send a form of a page, with its token."""
    return client.post(address, data={"form_token": token_of(page), **fields})


def token_of(page: str) -> str:
    """What the forms of a page carry to be taken for ours."""
    token = re.search(r'name="form_token" value="(\w+)"', page)
    assert token
    return token[1]
