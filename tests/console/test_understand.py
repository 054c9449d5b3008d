"""POST /api/understand."""

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from fastapi import FastAPI

from conversations.assistant import Assistant
from tests.console.browsing import Visitor


class Rasa(BaseHTTPRequestHandler):
    """The far end of the assistant: understands a greeting in anything."""

    def do_POST(self) -> None:
        text = json.loads(self.rfile.read(int(self.headers["Content-Length"])))["text"]
        answer = json.dumps({"intent": "greet", "confidence": 0.9, "sure": True, "entities": {"text": [text]}}).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    def log_message(self, *_: object) -> None:
        """Quiet."""


@pytest.fixture
def rasa() -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), Rasa) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


async def test_understands(app: FastAPI, colleague: Visitor, rasa: str) -> None:
    app.state.assistant = Assistant(rasa, rasa)
    answer = await colleague.post("/api/understand", json={"text": "hello there my friend"})
    assert answer.status_code == 200
    assert answer.json() == {
        "language": "en",
        "script": "Latn",
        "intent": "greet",
        "confidence": 0.9,
        "sure": True,
        "entities": {"text": ["hello there my friend"]},
    }
    halves = await colleague.post(
        "/api/understand", content=rb'{"text": "a \ud83d b \u0000"}', headers={"Content-Type": "application/json"}
    )
    assert halves.status_code == 200
    assert halves.json()["entities"] == {"text": ["a \ufffd b \0"]}


@pytest.mark.parametrize(
    ("body", "error"),
    [
        (b"", "malformed_json"),
        (b"{", "malformed_json"),
        (b'\xff{"text": "x"}', "malformed_json"),
        (b"[" * 100_000, "malformed_json"),
        (b"[]", "text_missing"),
        (b"{}", "text_missing"),
        (b'{"text": null}', "text_missing"),
        (b'{"text": 5}', "text_missing"),
        (json.dumps({"text": "x" * 10_001}).encode(), "text_too_long"),
    ],
)
async def test_bad_requests_are_told(colleague: Visitor, body: bytes, error: str) -> None:
    answer = await colleague.post("/api/understand", content=body, headers={"Content-Type": "application/json"})
    assert (answer.status_code, answer.json()) == (400, {"error": error})


async def test_bot_down_is_told(colleague: Visitor) -> None:
    answer = await colleague.post("/api/understand", json={"text": "hello"})
    assert (answer.status_code, answer.json()) == (503, {"error": "bot_unavailable"})


async def test_needs_somebody_signed_in(visitor: Visitor) -> None:
    answer = await visitor.post("/api/understand", json={"text": "hello"})
    assert (answer.status_code, answer.json()) == (401, {"error": "sign_in_needed"})
