"""`make run`: every engine and process on this machine, started in order, kept alive, ended in order."""

import asyncio
import fcntl
import os
import signal
import socket
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from urllib.parse import unquote, urlsplit

import httpx
from sqlalchemy.exc import OperationalError

from daleel import database, training
from daleel.processes import Child, Program, end_leftovers, remember
from infrastructure import vault
from infrastructure.engines import EmbeddedPostgres, free_port, valkey_command
from infrastructure.settings import Settings

START_SECONDS = 120
# What the emulator answers to when no Twilio account is set. Its numbers are fiction (Ofcom's drama range).
EMULATED = {
    "TWILIO_ACCOUNT_SID": f"AC{'0' * 32}",
    "TWILIO_SMS_NUMBER": "+447700900100",
    "TWILIO_WHATSAPP_NUMBER": "+447700900101",
    "TWILIO_WHATSAPP_TEMPLATE_AR": f"HX{'a' * 32}",
    "TWILIO_WHATSAPP_TEMPLATE_EN": f"HX{'e' * 32}",
}


class AlreadyRunning(SystemExit):
    """Somebody else runs on this DALEEL_HOME."""


class Supervisor:
    """Holds what runs; `run` is its whole life."""

    def __init__(self, settings: Settings, model: Path) -> None:
        self.settings, self.model = settings, model
        self.home = settings.home.resolve()
        self.postgres: EmbeddedPostgres | None = None
        self.postgres_starting: asyncio.Future[str] | None = None
        self.children: list[Child] = []
        self.environment: dict[str, str] = {}

    async def run(self) -> None:
        """Start everything, say where to look, wait for the end, stop everything."""
        end = asyncio.Event()
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            asyncio.get_running_loop().add_signal_handler(number, end.set)
        with locked(self.home):
            end_leftovers(self.home / "processes")
            self._refuse_a_taken_port()
            starting = asyncio.create_task(self._start())
            ending = asyncio.create_task(end.wait())
            watching = asyncio.create_task(self._watch(end))
            try:
                await asyncio.wait({starting, ending}, return_when=asyncio.FIRST_COMPLETED)
                if starting.done():
                    starting.result()
                    await ending
            finally:
                starting.cancel()
                watching.cancel()
                with suppress(asyncio.CancelledError, Exception):
                    await starting
                await self._stop()

    async def _start(self) -> None:
        say("Starting PostgreSQL and Valkey ...")
        await self._start_engines()
        self.environment |= self._wiring()
        # Everything below reads the same settings as the processes it starts.
        settings = Settings.model_validate(_environment_of(self.settings) | self.environment)
        say("Preparing the database ...")
        try:
            await asyncio.to_thread(database.migrate, settings.required("database_url"))
        except OperationalError as problem:
            raise SystemExit(f"DATABASE_URL: {problem.orig}") from None
        accounts = await asyncio.to_thread(database.seed, settings)
        say("Starting the assistant, the worker and the web pages ...")
        for program in self._programs(settings):
            self._care_for(program)
        await self._until_ready()
        panel(settings, accounts)

    async def _start_engines(self) -> None:
        if self.settings.database_url is None:
            self.postgres = EmbeddedPostgres(self.home)
            # Shielded: told to stop now, we first let it start, then stop it.
            self.postgres_starting = asyncio.ensure_future(asyncio.to_thread(self.postgres.start))
            self.environment["DATABASE_URL"] = await asyncio.shield(self.postgres_starting)
        if self.settings.redis_url is None:
            port, password = free_port(), vault.derive(self._secret(), "valkey password").hex()
            command = valkey_command(self.home, port, password)
            self._care_for(Program("valkey", command, _inherited(), patience_seconds=10))
            self.environment["REDIS_URL"] = f"redis://:{password}@127.0.0.1:{port}/0"
            await _until_listening(port)

    def _wiring(self) -> dict[str, str]:
        """Addresses that this run chooses."""
        rasa, actions = free_port(), free_port()
        wiring = {
            "DALEEL_HOME": str(self.home),
            "DALEEL_PORT": str(self.settings.port),
            "PUBLIC_URL": self.settings.public_base,
            "RASA_URL": self.settings.rasa_url or f"http://127.0.0.1:{rasa}",
            "ACTIONS_URL": self.settings.actions_url or f"http://127.0.0.1:{actions}",
        }
        if self.settings.uses_emulator:
            port = free_port(self.settings.port + 1)
            wiring |= EMULATED | {
                "TWILIO_AUTH_TOKEN": vault.derive(self._secret(), "emulator token").hex(),
                "TWILIO_API_URL": f"http://127.0.0.1:{port}",
                "DALEEL_PHONE_URL": f"http://localhost:{port}",
            }
        return wiring

    def _refuse_a_taken_port(self) -> None:
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((self.settings.host, self.settings.port))
            except OSError as problem:
                where = f"{self.settings.host}:{self.settings.port}"
                raise SystemExit(f"{where} can't be used ({problem.strerror}): set DALEEL_PORT") from None

    def _secret(self) -> str:
        return vault.master_secret(self.settings.configured_secret, self.home)

    def _programs(self, settings: Settings) -> Iterator[Program]:
        ours = _inherited() | _environment_of(settings)
        python = [sys.executable, "-m", "daleel"]
        rasa_port = str(urlsplit(settings.required("rasa_url")).port)
        command = [
            str(training.BOT_PYTHON),
            "-m",
            "rasa",
            "run",
            "--interface",
            "127.0.0.1",
            "--port",
            rasa_port,
        ]
        command += ["--model", str(self.model), "--endpoints", "endpoints.yml", "--credentials", "credentials.yml"]
        yield Program("rasa", command, _inherited() | training.ANSWERING | _for_rasa(settings))
        for name in ("actions", "worker", "web"):
            yield Program(name, [*python, name], ours)
        if self.settings.uses_emulator:
            yield Program("emulator", [*python, "emulator"], ours)

    def _care_for(self, program: Program) -> None:
        child = Child(program, self.home)
        child.start()
        self.children.append(child)

    async def _until_ready(self) -> None:
        url = f"http://{self.settings.host}:{self.settings.port}/health/ready"
        async with httpx.AsyncClient(trust_env=False, timeout=5) as client, asyncio.timeout(START_SECONDS):
            while True:
                with suppress(httpx.HTTPError):
                    if (await client.get(url)).is_success:
                        return
                await asyncio.sleep(0.2)

    async def _watch(self, end: asyncio.Event) -> None:
        """Keep PostgreSQL alive and the list of processes fresh; notice when `make` alone was interrupted."""
        while True:
            await asyncio.sleep(0.5)
            pids = {child.program.name: child.pid for child in self.children if child.pid}
            if self.postgres and self.postgres.pid:
                pids["postgres"] = self.postgres.pid
                if not self.postgres.alive():
                    say("PostgreSQL ended and is started again.")
                    with suppress(Exception):
                        await asyncio.to_thread(self.postgres.start)
            remember(pids, self.home / "processes")
            if _parent_was_interrupted():
                end.set()

    async def _stop(self) -> None:
        say("Stopping ...")
        engines = [child for child in self.children if child.program.name == "valkey"]
        await asyncio.gather(*(child.stop() for child in self.children if child not in engines))
        await asyncio.gather(*(child.stop() for child in engines))
        if self.postgres:
            if self.postgres_starting:
                await asyncio.wait({self.postgres_starting})
            await asyncio.to_thread(self.postgres.stop)
        (self.home / "processes").unlink(missing_ok=True)
        say("Everything is stopped.")


@contextmanager
def locked(home: Path) -> Iterator[None]:
    """One supervisor a DALEEL_HOME; the lock ends with the process, however it ends."""
    home.mkdir(parents=True, exist_ok=True)
    with (home / "lock").open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise AlreadyRunning(
                f"Daleel already runs on {home}. For a second copy set DALEEL_HOME and DALEEL_PORT."
            ) from None
        yield


def panel(settings: Settings, accounts: list[database.DemoAccount]) -> None:
    """Where to look, for somebody who sees this for the first time."""
    base = f"http://localhost:{settings.port}"
    lines = ["", "Daleel is ready."]
    if settings.phone_url:
        lines.append(f"  The phone page (text as a person would)   {base}/phone")
    lines.append(f"  The console (staff)                       {base}/console")
    lines += [f"      {email:<28} {password}   ({role})" for email, password, role in accounts]
    if not settings.phone_url:
        lines.append(f"  Twilio's webhooks                         {settings.public_base}/twilio/messages")
    lines += [f"  Logs are in {settings.home / 'logs'}. Ctrl-C stops everything.", ""]
    print("\n".join(lines), flush=True)


def say(text: str) -> None:
    """A line of progress."""
    print(text, flush=True)


def _inherited() -> dict[str, str]:
    """Our environment without our settings: Rasa and Valkey have no use for anybody's token."""
    ours = {str(field.alias) for field in Settings.model_fields.values()}
    return {name: value for name, value in os.environ.items() if name not in ours}


def _environment_of(settings: Settings) -> dict[str, str]:
    """The settings as the environment variables they came from."""
    values = {}
    for name, field in Settings.model_fields.items():
        if getattr(settings, name) is not None:
            values[str(field.alias)] = settings.required(name)
    return values


def _for_rasa(settings: Settings) -> dict[str, str]:
    """endpoints.yml reads these; Rasa wants Redis in pieces."""
    redis = urlsplit(settings.required("redis_url"))
    return {
        "DALEEL_ACTIONS_URL": f"{settings.required('actions_url')}/webhook",
        "DALEEL_TRACKER_HOST": redis.hostname or "127.0.0.1",
        "DALEEL_TRACKER_PORT": str(redis.port or 6379),
        "DALEEL_TRACKER_DB": redis.path.strip("/") or "0",
        "DALEEL_TRACKER_PASSWORD": unquote(redis.password or ""),
    }


async def _until_listening(port: int) -> None:
    async with asyncio.timeout(START_SECONDS):
        while True:
            with suppress(OSError):
                _, writer = await asyncio.open_connection("127.0.0.1", port)
                writer.close()
                return
            await asyncio.sleep(0.05)


def _parent_was_interrupted() -> bool:
    """Whether `make`, our parent, was interrupted alone (`kill -INT`), without its group, and waits for us to end.

    GNU make passes SIGTERM on to its children but not SIGINT: it sets its own handler back and waits. Linux shows that
    in SigCgt; elsewhere Ctrl-C still reaches us, as it goes to the whole group.
    """
    status = Path(f"/proc/{os.getppid()}/status")
    try:
        fields = dict(line.split(":\t", 1) for line in status.read_text().splitlines() if ":\t" in line)
    except OSError:
        return False
    # Ignored from the start (`make run &` in a script) is not interrupted.
    handled = int(fields.get("SigCgt", "0"), 16) | int(fields.get("SigIgn", "0"), 16)
    return fields.get("Name", "").strip() == "make" and not handled >> (signal.SIGINT - 1) & 1
