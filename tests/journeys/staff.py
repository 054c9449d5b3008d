"""Staff in a journey: a demo account signed in to the running product's console, without a browser."""

import re
import uuid

import httpx

from tests.phone import Phone
from tests.stack import Stack


def signed_in(stack: Stack, role: str) -> httpx.Client:
    """A client with the session of the demo account of a role, whose password `make run` printed."""
    found = re.search(rf"({role}@\S+)\s+(\S+)", stack.output.read_text())
    assert found
    client = httpx.Client(base_url=stack.url, follow_redirects=True, timeout=30, trust_env=False)
    client.headers["Accept-Language"] = "en"
    page = client.get("/console/sign-in").text
    sent = send(client, "/console/sign-in", page, email=found[1], password=found[2])
    assert sent.url.path == ("/console/misconduct" if role == "psea" else "/console/conversations")
    return client


def send(client: httpx.Client, address: str, page: str, **fields: str) -> httpx.Response:
    """Send a form of a page, with its token."""
    return client.post(address, data={"form_token": token_of(page), **fields})


def token_of(page: str) -> str:
    """What the forms of a page carry to be taken for ours."""
    token = re.search(r'name="form_token" value="(\w+)"', page)
    assert token
    return token[1]


class Desk:
    """A colleague at the console, with one person's conversation open."""

    def __init__(self, client: httpx.Client, phone: Phone) -> None:
        self.client = client
        shown = client.get("/console/conversations").text
        found = re.search(
            rf'href="(/console/conversations/[0-9a-f-]+)["?](?:(?!</a>).)*•••{phone.number[-3:]}', shown, re.S
        )
        assert found, f"no conversation of {phone.number} on the list"
        self.address = found[1]

    @property
    def page(self) -> str:
        """The conversation as it is shown now."""
        return self.client.get(self.address).text

    def takes_over(self) -> httpx.Response:
        return send(self.client, f"{self.address}/take-over", self.page)

    def writes(self, text: str) -> httpx.Response:
        page = self.page
        key = re.search(r'name="key" value="([0-9a-f-]+)"', page)
        return send(self.client, f"{self.address}/reply", page, text=text, key=key[1] if key else str(uuid.uuid4()))

    def hands_back(self, outcome: str = "answered") -> httpx.Response:
        return send(self.client, f"{self.address}/hand-back", self.page, outcome=outcome)
