"""The directory's files from the command line: what is wrong with one, and what one brings."""

import asyncio
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from daleel.staff import reachable
from directory.checking import Problem
from directory.exchange import incoming, validation
from directory.exchange.hsds_report import MOST_TOLD, report_lines, shown
from directory.exchange.incoming import Outcome
from directory.exchange.proposing import Change
from directory.places import load_places
from infrastructure import database
from infrastructure.settings import Settings

WHY = {
    "edited": "left out: somebody is working on a draft of it",
    "archived": "left out: it is archived here; restore it first if it is offered again",
    "rejected": "left out: a reviewer has rejected just this",
}


def read(file: Path) -> bytes:
    """The bytes of a file, one more than may be read at most: a file that never ends doesn't fill our memory."""
    try:
        with file.open("rb") as opened:
            return opened.read(validation.MOST_BYTES + 1)
    except OSError as problem:
        raise SystemExit(f"{file} can't be read: {problem.strerror}") from None


def bring_in(settings: Settings, file: Path, *, dry_run: bool, meanings: Mapping[str, str]) -> bool:
    """Bring in a file and print what came of it; False if it has problems, which keep all of it out."""
    data = read(file)
    with reachable(settings) as url:
        try:
            outcome = asyncio.run(_bring_in(url, data, shown(file.name), dry_run, meanings))
        except ValueError as problem:
            raise SystemExit(str(problem)) from None
    print("\n".join(lines(outcome, dry_run=dry_run)))
    return outcome.report.is_valid


async def _bring_in(url: str, data: bytes, source: str, dry_run: bool, meanings: Mapping[str, str]) -> Outcome:
    engine, sessions = database.connect(url)
    async with sessions() as session:
        await load_places(session)
        outcome = await incoming.bring_in(session, data, source=source, meanings=meanings)
        await (session.rollback() if dry_run else session.commit())
    await engine.dispose()
    return outcome


def lines(outcome: Outcome, *, dry_run: bool) -> Iterator[str]:
    """What came of a file, as a terminal shows it."""
    yield from report_lines(outcome.report)
    if not outcome.report.is_valid:
        yield "Nothing was brought in: mend the file and try again."
        return
    states = {state: [one for one in outcome.changes if one.state == state] for state in ("new", "changed", "left_out")}
    yield from _listed("New", (f"{_named(one)}{_waiting(one)}" for one in states["new"]), len(states["new"]))
    told = (f"{_named(one)}: {', '.join(one.fields)}{_waiting(one)}" for one in states["changed"])
    yield from _listed("Changed", told, len(states["changed"]))
    told = (
        f"{_named(one)}: {WHY.get(one.why, f'left out: its id is that of a {one.why} here')}"
        for one in states["left_out"]
    )
    yield from _listed("Left out", told, len(states["left_out"]))
    yield _sum(outcome.changes)
    if dry_run:
        yield "A dry run: nothing was kept."


def _listed(title: str, told: Iterable[str], count: int) -> Iterator[str]:
    if count:
        yield f"{title}:"
    for number, line in enumerate(told):
        if number == MOST_TOLD:
            yield f"  ... and {count - MOST_TOLD:,} more"
            return
        yield f"  {line}"


def _named(change: Change) -> str:
    name = change.name.en or change.name.ar or change.name.ckb
    return f"{change.kind} {shown(name) or 'without a name'} ({change.id})"


def _waiting(change: Change) -> str:
    if change.is_held:
        return "; a draft: the file says that it isn't offered"
    return f"; a draft, to do: {_to_do(change.missing)}" if change.missing else ""


def _to_do(missing: Sequence[Problem]) -> str:
    return ", ".join(f"{problem.field} {problem.code.replace('_', ' ')}" for problem in missing)


def _sum(changes: Sequence[Change]) -> str:
    drafts = [one for one in changes if one.missing or one.is_held]
    counts = {
        state: sum(one.state == state for one in changes) for state in ("new", "changed", "unchanged", "left_out")
    }
    in_review = counts["new"] + counts["changed"] - len(drafts)
    told = ", ".join(f"{count:,} {state.replace('_', ' ')}" for state, count in counts.items())
    return f"{told}; in review: {in_review:,}, drafts to complete: {len(drafts):,}"
