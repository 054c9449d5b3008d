"""Child processes kept alive: started in their own session, restarted when they die, ended in order."""

import asyncio
import logging
import os
import signal
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import psutil

logger = logging.getLogger(__name__)

LONGEST_PAUSE_SECONDS = 10.0


@dataclass(frozen=True)
class Program:
    """One process to keep running."""

    name: str
    command: Sequence[str]
    environment: Mapping[str, str]  # all of it: nothing is inherited
    patience_seconds: float = 25  # between SIGTERM and SIGKILL


class Child:
    """A program under care. What it prints goes to `logs/<name>.log`."""

    def __init__(self, program: Program, home: Path) -> None:
        self.program = program
        self._log = home / "logs" / f"{program.name}.log"
        self._process: asyncio.subprocess.Process | None = None
        self._care: asyncio.Task[None] | None = None

    @property
    def pid(self) -> int | None:
        return self._process.pid if self._process and self._process.returncode is None else None

    def start(self) -> None:
        """Start it and care for it until `stop`."""
        self._log.parent.mkdir(parents=True, exist_ok=True)
        self._care = asyncio.create_task(self._keep_alive())

    async def stop(self) -> None:
        """Ask it to end; after its patience, make it."""
        if self._care:
            self._care.cancel()
        process = self._process
        if process is None or process.returncode is not None:
            return
        with suppress(ProcessLookupError):
            process.terminate()
        try:
            await asyncio.wait_for(process.wait(), self.program.patience_seconds)
        except TimeoutError:
            logger.warning("%s did not end by itself", self.program.name)
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            await process.wait()

    async def _keep_alive(self) -> None:
        pause = 0.25
        mode = "wb"
        while True:
            began = asyncio.get_running_loop().time()
            with self._log.open(mode) as log:
                # Its own session: Ctrl-C reaches only the supervisor, which then ends everything in order.
                self._process = await asyncio.create_subprocess_exec(
                    *self.program.command,
                    stdin=asyncio.subprocess.DEVNULL,
                    stdout=log,
                    stderr=log,
                    env=dict(self.program.environment),
                    start_new_session=True,
                )
            code = await self._process.wait()
            logger.warning("%s ended with %s and is started again; see %s", self.program.name, code, self._log)
            healthy = asyncio.get_running_loop().time() - began > LONGEST_PAUSE_SECONDS
            pause = 0.25 if healthy else min(pause * 2, LONGEST_PAUSE_SECONDS)
            mode = "ab"
            await asyncio.sleep(pause)


def remember(pids: Mapping[str, int], file: Path) -> None:
    """Write down who is running (`name pid created` a line), so that the next start can end what this one left."""
    lines = []
    for name, pid in pids.items():
        with suppress(psutil.NoSuchProcess):
            lines.append(f"{name} {pid} {psutil.Process(pid).create_time()}\n")
    # All or nothing: we may be killed at any moment, also between two writes.
    fresh = file.with_suffix(".new")
    fresh.write_text("".join(lines))
    fresh.replace(file)


def end_leftovers(file: Path) -> None:
    """End what an earlier supervisor, killed without a chance to clean up, left running."""
    lines = file.read_text().splitlines() if file.exists() else []
    left = [process for line in lines if (process := _remembered(line))]
    for process in left:
        with suppress(psutil.NoSuchProcess):
            process.terminate()
    _, stubborn = psutil.wait_procs(left, timeout=20)
    for process in stubborn:
        with suppress(psutil.NoSuchProcess):
            process.kill()
    psutil.wait_procs(stubborn, timeout=5)
    file.unlink(missing_ok=True)


def _remembered(line: str) -> psutil.Process | None:
    """The very process a line names, not another that got its number since."""
    with suppress(ValueError, psutil.NoSuchProcess):
        _, pid, created = line.split()
        process = psutil.Process(int(pid))
        if abs(process.create_time() - float(created)) < 1 and process.status() != psutil.STATUS_ZOMBIE:
            return process
    return None
