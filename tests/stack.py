"""The whole product in real processes, for journeys: what `make run` starts, across from an emulator here."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path

import httpx
from twilio.request_validator import RequestValidator

from infrastructure.engines import free_port

ROOT = Path(__file__).parents[1]
START_SECONDS = 150
RUN = (sys.executable, "-m", "daleel", "run")
SMS_NUMBER, WHATSAPP_NUMBER = "+447700900100", "+447700900101"
ACCOUNT, TOKEN = "AC" + "1" * 32, "the token that only the tests and their stack know"


class Stack:
    """Starts on construction's `start`, stops with `stop`; `home` holds its data and logs."""

    def __init__(self, home: Path, emulator_url: str, port: int) -> None:
        self.home, self.emulator_url, self.port = home, emulator_url, port
        self.url = f"http://localhost:{port}"
        self.process: subprocess.Popen[str] | None = None
        self.output = home / "output.txt"

    @staticmethod
    def choose_port() -> int:
        return free_port()

    def start(self) -> None:
        """Run it and wait until it says that it is ready."""
        self.launch()
        self.wait_until_started()

    def launch(self, command: Sequence[str] = RUN, before: Callable[[], object] | None = None) -> None:
        """Run a command as an operator would in a script: no terminal, a session of its own."""
        self.home.mkdir(parents=True, exist_ok=True)
        with self.output.open("w") as output:
            self.process = subprocess.Popen(
                command,
                cwd=ROOT,
                env=scrubbed() | self.environment(),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                preexec_fn=before,
                text=True,
            )

    def environment(self) -> dict[str, str]:
        """The settings an operator would make."""
        return {
            "DALEEL_HOME": str(self.home),
            "DALEEL_PORT": str(self.port),
            "PUBLIC_URL": self.url,
            "TWILIO_ACCOUNT_SID": ACCOUNT,
            "TWILIO_AUTH_TOKEN": TOKEN,
            "TWILIO_SMS_NUMBER": SMS_NUMBER,
            "TWILIO_WHATSAPP_NUMBER": WHATSAPP_NUMBER,
            "TWILIO_API_URL": self.emulator_url,
            # What is said doesn't depend on when tests run.
            "DALEEL_STAFF_HOURS": "SU-SA 00:00-24:00",
            # Blank means unset and outranks a developer's `.env`: tests never meet a real database.
            **dict.fromkeys(("DATABASE_URL", "REDIS_URL", "DALEEL_SECRET", "TWILIO_MESSAGING_SERVICE_SID"), ""),
        }

    def wait_until_started(self) -> None:
        """Until it says so itself: an earlier copy may still answer at this address."""
        deadline = time.monotonic() + START_SECONDS
        while "Daleel is ready." not in self.output.read_text():
            assert self.process is not None
            assert self.process.poll() is None, f"the stack ended early:\n{self.output.read_text()}"
            assert time.monotonic() < deadline, f"the stack does not start:\n{self.output.read_text()}"
            time.sleep(0.1)

    def wait_until_ready(self) -> None:
        deadline = time.monotonic() + START_SECONDS
        while not self.is_ready():
            assert time.monotonic() < deadline, f"the stack is not ready:\n{self.output.read_text()}"
            time.sleep(0.1)

    def is_ready(self) -> bool:
        with suppress(httpx.HTTPError):
            return httpx.get(f"{self.url}/health/ready", timeout=5, trust_env=False).is_success
        return False

    def pids(self) -> dict[str, int]:
        """The process ids by name, as the supervisor wrote them down."""
        lines = (self.home / "processes").read_text().splitlines()
        return {name: int(pid) for name, pid, _ in map(str.split, lines)}

    def kill(self, name: str) -> None:
        """SIGKILL one process; the supervisor starts it again."""
        os.kill(self.pids()[name], signal.SIGKILL)

    def stop(self, how: signal.Signals = signal.SIGINT) -> int:
        """End it as Ctrl-C would; returns the exit code."""
        assert self.process is not None
        self.process.send_signal(how)
        return self.process.wait(60)

    def signed_post(self, path: str, form: dict[str, str], **headers: str) -> httpx.Response:
        """Call a webhook as Twilio does."""
        signature = RequestValidator(TOKEN).compute_signature(f"{self.url}{path}", form)
        return httpx.post(
            f"{self.url}{path}",
            data=form,
            headers={"X-Twilio-Signature": signature, **headers},
            timeout=20,
            trust_env=False,
        )


def scrubbed() -> dict[str, str]:
    """This process's environment without settings of ours, so that nobody's own installation leaks in."""
    ours = ("DALEEL_", "TWILIO_", "DATABASE_URL", "REDIS_URL", "PUBLIC_URL", "RASA_", "ACTIONS_URL")
    return {name: value for name, value in os.environ.items() if not name.startswith(ours)}
