"""`make run` as an operator meets it: it starts, it ends cleanly however it is told to, and never twice on one home."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import psutil
import pytest

from daleel import training
from daleel.processes import end_leftovers
from tests.stack import ROOT, Stack, scrubbed


@pytest.fixture
def second(emulator_url: str, home: Path) -> Iterator[Stack]:
    """A copy beside the journeys' stack, with a home and a port of its own."""
    port = Stack.choose_port()
    copy = Stack(home / f"copy-{port}", emulator_url, port)
    yield copy
    if copy.process and copy.process.poll() is None:
        copy.stop()


def alive(pids: dict[str, int]) -> list[str]:
    """Which of these still run; a zombie is only a line in a table that somebody else has to clear."""
    running = {process.pid for process in psutil.process_iter() if process.status() != psutil.STATUS_ZOMBIE}
    return [name for name, pid in pids.items() if pid in running]


def test_two_copies_run_side_by_side_and_one_ends_cleanly(stack: Stack, second: Stack) -> None:
    second.start()
    mine = second.pids()
    assert {"postgres", "valkey", "rasa", "actions", "worker", "web"} <= set(mine)
    assert second.stop(signal.SIGTERM) == 0
    assert alive(mine) == []
    assert not (second.home / "processes").exists()
    assert stack.is_ready()


@pytest.mark.parametrize(
    ("before", "how"),
    [
        pytest.param(lambda: None, signal.SIGINT, id="kill -INT of make alone, not of its group"),
        pytest.param(
            lambda: signal.signal(signal.SIGINT, signal.SIG_IGN),
            signal.SIGTERM,
            id="`make run &` in a script, where SIGINT is ignored from the start",
        ),
    ],
)
def test_make_without_a_terminal(second: Stack, before: Callable[[], object], how: signal.Signals) -> None:
    second.launch(("make", "run"), before)
    second.wait_until_started()
    mine = second.pids()
    second.stop(how)
    assert alive(mine) == []
    assert "Everything is stopped." in second.output.read_text()


def test_a_killed_supervisor_leaves_nothing_that_hinders_the_next(second: Stack) -> None:
    second.start()
    left_behind = second.pids()
    assert second.process is not None
    second.process.kill()
    second.process.wait()
    second.start()
    assert not set(left_behind.values()) & set(second.pids().values())
    assert alive(left_behind) == []


def test_told_to_stop_while_postgres_starts(second: Stack) -> None:
    second.launch()
    assert second.process is not None
    while "Starting PostgreSQL" not in second.output.read_text():
        assert second.process.poll() is None
    second.stop(signal.SIGTERM)
    commands = [" ".join(process.info["cmdline"] or ()) for process in psutil.process_iter(["cmdline"])]
    assert not [command for command in commands if str(second.home) in command]


def test_a_damaged_list_of_processes_hinders_nobody(tmp_path: Path) -> None:
    left = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
    file = tmp_path / "processes"
    created = psutil.Process(left.pid).create_time()
    file.write_text(f"web 12\n\nworker x y\nsomebody {os.getpid()} 1.0\nleft {left.pid} {created}\nweb 1")
    end_leftovers(file)
    assert not psutil.pid_exists(left.pid)
    assert not file.exists()


def test_a_home_is_used_once(stack: Stack) -> None:
    again = subprocess.run(
        [sys.executable, "-m", "daleel", "run"],
        cwd=ROOT,
        env=scrubbed() | stack.environment(),
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert again.returncode != 0
    assert "already runs" in again.stderr
    assert stack.is_ready()


def test_a_port_that_is_taken_is_said_before_anything_starts(stack: Stack, second: Stack) -> None:
    second.port = stack.port
    second.launch()
    assert second.process is not None
    assert second.process.wait(60) != 0
    assert "set DALEEL_PORT" in second.output.read_text()
    assert stack.is_ready()


def test_settings_that_are_wrong_are_named() -> None:
    wrong = scrubbed() | {"DALEEL_PORT": "eighty", "TWILIO_ACCOUNT_SID": "AC1"}
    refused = subprocess.run(
        [sys.executable, "-m", "daleel", "run"], cwd=ROOT, env=wrong, capture_output=True, text=True, timeout=60
    )
    assert refused.returncode != 0
    assert "DALEEL_PORT" in refused.stderr
    assert "Traceback" not in refused.stderr


def test_health_tells_what_is_missing(stack: Stack) -> None:
    assert httpx.get(f"{stack.url}/health/live", trust_env=False).status_code == 200
    ready = httpx.get(f"{stack.url}/health/ready", trust_env=False)
    assert ready.status_code == 200
    assert all(ready.json().values())
    stack.kill("actions")
    while httpx.get(f"{stack.url}/health/ready", trust_env=False).status_code == 200:
        assert stack.pids()
    assert httpx.get(f"{stack.url}/health/live", trust_env=False).status_code == 200
    stack.wait_until_ready()


def test_nothing_is_trained_twice() -> None:
    path = training.model()
    before = path.stat().st_mtime_ns
    assert training.model().stat().st_mtime_ns == before


def test_what_a_model_is_made_of_decides_its_name(tmp_path: Path) -> None:
    for name in training.INGREDIENTS:
        path = tmp_path / name if "." in name else tmp_path / name / "x.yml"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("as it was")
    first = training.fingerprint(tmp_path)
    (tmp_path / "README.md").write_text("not an ingredient")
    assert training.fingerprint(tmp_path) == first
    (tmp_path / "data" / "x.yml").write_text("changed")
    assert training.fingerprint(tmp_path) != first


@pytest.mark.parametrize("running", [True, False])
def test_the_first_account_is_made_from_the_command_line(stack: Stack, home: Path, running: bool) -> None:
    environment = scrubbed() | stack.environment() | ({} if running else {"DALEEL_HOME": str(home / "fresh")})
    command = [sys.executable, "-m", "daleel", "staff", "add", f"first-{running}@example.org", "--name", "Zainab"]
    command += ["--role", "admin", "--password"]

    def added(password: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [*command, password], cwd=ROOT, env=environment, capture_output=True, text=True, timeout=60
        )

    assert "at least 12 characters" in added("short").stderr
    assert "can sign in now" in added("a long enough password").stdout
    again = added("a long enough password")
    assert again.returncode != 0
    assert "Traceback" not in again.stderr
    assert stack.is_ready()
