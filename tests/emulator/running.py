"""Web applications served from a thread of the test, on a port of their own."""

import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from threading import Thread

import uvicorn
from fastapi import FastAPI

from channels.emulator.app import create_app
from channels.emulator.config import EmulatorConfig
from channels.emulator.world import now


@dataclass
class Clock:
    """A clock that stands still until a test moves it."""

    at: datetime = field(default_factory=lambda: datetime(2026, 5, 4, 9, 0, tzinfo=UTC))

    def __call__(self) -> datetime:
        return self.at

    def pass_(self, **time: float) -> None:
        """Let time pass."""
        self.at += timedelta(**time)


@contextmanager
def serving(app: FastAPI) -> Iterator[str]:
    """The application's base URL while it runs."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        # Connections wait in the socket until the server is up: nobody has to poll for it.
        listener.listen(128)
        server = uvicorn.Server(uvicorn.Config(app, log_level="warning", timeout_graceful_shutdown=1))
        thread = Thread(target=server.run, kwargs={"sockets": [listener]})
        thread.start()
        try:
            yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        finally:
            server.should_exit = True
            thread.join()


@contextmanager
def running_emulator(config: EmulatorConfig, clock: Callable[[], datetime] = now) -> Iterator[str]:
    """The base URL of an emulator with empty memory."""
    with serving(create_app(config, clock)) as url:
        yield url
