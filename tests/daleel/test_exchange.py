"""`daleel directory import`: what a person at a terminal sees, and what is kept."""

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result
from sqlalchemy import create_engine, text
from typer.testing import CliRunner

from daleel.cli import app
from infrastructure.database import sqlalchemy_url
from infrastructure.settings import Settings
from tests.directory.incoming_files import theirs, uid

PARTNER = theirs(
    attributes=[{"id": uid(40), "taxonomy_term": {"id": uid(41), "name": "Bread", "description": "Bread"}}],
    translations={"ar": {"name": "بنك الطعام\u202e"}},
)


def run(fresh: Settings, file: Path, *more: str) -> tuple[int, list[str]]:
    url = fresh.required("database_url")
    result: Result = CliRunner().invoke(app, ["directory", "import", str(file), *more], env={"DATABASE_URL": url})
    assert "Traceback" not in result.output
    return result.exit_code, result.output.splitlines()


def kept(fresh: Settings) -> dict[str, int]:
    engine = create_engine(sqlalchemy_url(fresh.required("database_url")))
    with engine.connect() as connection:
        rows = connection.execute(text("select kind, count(*) from entry group by kind")).all()
    engine.dispose()
    return dict(map(tuple, rows))


@pytest.fixture
def file(tmp_path: Path) -> Path:
    file = tmp_path / "partner.json"
    file.write_text(json.dumps(PARTNER))
    return file


def test_a_file_is_tried_then_brought_in_then_nothing_is_left_to_do(fresh: Settings, file: Path) -> None:
    code, tried = run(fresh, file, "--dry-run")
    assert (code, tried[-1], kept(fresh)) == (0, "A dry run: nothing was kept.", {})
    code, lines = run(fresh, file)
    assert code == 0
    assert lines == tried[:-1]
    assert kept(fresh) == {"organization": 1, "location": 1, "service": 1}
    assert "notice: service.attributes[0]: Bread: is none of our needs, it will be left out" in lines
    (service,) = [line for line in lines if line.startswith("  service")]
    assert service.startswith(f"  service Food bank ({uid(1)}); a draft, to do: summary.ar missing, summary.en missing")
    assert lines[-1] == "3 new, 0 changed, 0 unchanged, 0 left out; in review: 0, drafts to complete: 3"
    assert run(fresh, file)[1][-1] == "0 new, 0 changed, 3 unchanged, 0 left out; in review: 0, drafts to complete: 0"
    code, lines = run(fresh, file, "--need", "Bread=food")
    assert lines[-1] == "1 new, 0 changed, 2 unchanged, 0 left out; in review: 0, drafts to complete: 1"
    assert all(line.isprintable() for line in lines)


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"status": "open"}, "service.status: must be one of: active, inactive, defunct, temporarily closed"),
        ({"name": "<b>Free</b>"}, "service.name: has HTML in it: plain text only"),
        ({"schedules": [{"id": uid(9), "opens_at": "09:00Z"}]}, "service.schedules[0].closes_at: is missing"),
    ],
)
def test_a_file_with_a_problem_brings_nothing(fresh: Settings, file: Path, change: dict[str, Any], told: str) -> None:
    file.write_text(json.dumps([theirs(id=uid(50)), PARTNER | change]))
    code, lines = run(fresh, file)
    assert (code, kept(fresh)) == (1, {})
    assert told.replace("service", "services[1]", 1) in lines
    assert lines[-1] == "Nothing was brought in: mend the file and try again."


@pytest.mark.parametrize(
    ("more", "told"),
    [
        (["--need", "Bread"], "--need is a term of another list and our need, as 'Food bank=food'"),
        (["--need", "Bread=bread"], "no needs of ours: bread"),
    ],
)
def test_a_need_that_is_none_is_told(fresh: Settings, file: Path, more: list[str], told: str) -> None:
    assert run(fresh, file, *more) == (1, [told])
    assert kept(fresh) == {}


def test_a_file_that_is_not_there_is_told(fresh: Settings, tmp_path: Path) -> None:
    code, (line,) = run(fresh, tmp_path / "none.json")
    assert (code, line.endswith("can't be read: No such file or directory")) == (1, True)
