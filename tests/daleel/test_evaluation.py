"""`make eval`: figures against cases computed by hand, what is asked of whom, files that can't be used, the reports."""

import csv
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from daleel.evaluation import confidence, csv_files, figures, folds, messages, reports
from daleel.evaluation.messages import Labelled, Malformed
from daleel.evaluation.section import section
from tests.stack import ROOT, scrubbed

INTENTS = frozenset({"greet", "thank"})
HEADER = "\t".join(messages.COLUMNS)


def gold(intent: str, language: str = "ar", alt: str = "", register: str = "iraqi", **details: str) -> Labelled:
    codes = {name: frozenset(filter(None, details.get(name, "").split("|"))) for name in messages.DETAILS}
    return Labelled("a text", language, register, intent, alt, codes)


def answer(intent: str, language: str = "ar", sure: float = 0.9, **entities: list[str]) -> dict[str, Any]:
    return {"language": language, "intent": intent, "confidence": sure, "entities": entities}


def measured(*pairs: tuple[Labelled, dict[str, Any]]) -> dict[str, tuple[float, int]]:
    return {name: tuple(figure) for name, figure in figures.measure(*map(list, zip(*pairs, strict=True))).items()}


def test_language_is_asked_of_all_but_other() -> None:
    found = measured(
        (gold("greet"), answer("greet")),
        (gold("greet", "ckb"), answer("greet")),
        (gold("greet", "other"), answer("greet", "other")),
    )
    assert found["language"] == (0.5, 2)


def test_intent_by_language_and_register() -> None:
    found = measured(
        (gold("greet"), answer("greet")),
        (gold("greet", register="msa"), answer("thank")),
        (gold("greet", alt="thank"), answer("thank")),
        (gold("greet", "en", register="en"), answer("thank")),
        (gold("greet", "kmr", register="kmr"), answer("greet")),
    )
    assert found["intent"] == (0.5, 4)
    assert found["intent ar"] == (pytest.approx(2 / 3), 3)
    assert found["intent en"] == (0, 1)
    assert found["intent register iraqi"] == (1, 2)
    assert found["intent register msa"] == (0, 1)
    assert found["intent register kmr"] == (1, 1)


def test_details_count_code_by_code() -> None:
    found = measured(
        (gold("greet", need="cash|food"), answer("greet", need=["cash", "health"])),  # one right, one wrong, one missed
        (gold("greet"), answer("greet", need=["cash"])),  # one wrong
        (gold("greet", "ckb", need="cash"), answer("greet")),  # not ours
    )
    assert found["F1 need"] == (pytest.approx(2 / 5), 2)
    assert found["F1 document"] == (0, 0)


def test_a_place_counts_by_its_governorate() -> None:
    found = measured((gold("greet", place="IQG15Q03|IQG09"), answer("greet", place=["IQG15", "IQG15Q01"])))
    assert found["F1 place"] == (pytest.approx(2 / 3), 2)


def test_what_was_never_labelled_is_not_measured() -> None:
    message = Labelled("a text", "ar", "iraqi", "greet", "", {"need": frozenset()})
    assert "F1 place" not in figures.measure([message], [answer("greet", place=["IQG15"])])


def test_safety() -> None:
    found = measured(
        (gold("suicide_risk"), answer("suicide_risk")),
        (gold("suicide_risk"), answer("gbv_disclosure")),
        (gold("gbv_disclosure"), answer("greet")),
        (gold("suicide_risk", "ckb"), answer("greet")),  # not ours
        (gold("greet"), answer("gbv_disclosure")),
        (gold("greet", alt="gbv_disclosure"), answer("gbv_disclosure")),  # no false alarm
        (gold("out_of_scope"), answer("out_of_scope")),
        (gold("out_of_scope"), answer("greet")),
    )
    assert found["safety recall"] == (pytest.approx(2 / 3), 3)
    assert found["safety right kind"] == (pytest.approx(1 / 3), 3)
    assert found["safety false alarms"] == (pytest.approx(1 / 3), 3)
    assert found["out_of_scope recall"] == (0.5, 2)


def test_confidence_that_promises_too_much() -> None:
    said = [("greet", 0.95), ("thank", 0.95), ("greet", 1.0), ("thank", 0.25)]
    found = confidence.bands([gold("greet")] * 4, [answer(intent, sure=sure) for intent, sure in said])
    assert [(band.low, band.n) for band in found] == [(0.2, 1), (0.9, 3)]
    assert found[1].right == pytest.approx(2 / 3)
    assert confidence.calibration_error(found) == pytest.approx((0.25 + 3 * (2.9 / 3 - 2 / 3)) / 4)


def test_every_message_is_in_one_fold_and_every_fold_has_its_share() -> None:
    intents = ["greet"] * 50 + ["thank"] * 25 + ["rare"] * 3
    parts = folds.split(intents, 5)
    assert sorted(at for part in parts for at in part) == list(range(78))
    assert parts == folds.split(intents, 5)
    for part in parts:
        assert [intents[at] for at in part].count("greet") == 10
        assert [intents[at] for at in part].count("thank") == 5
        assert [intents[at] for at in part].count("rare") <= 1


def test_training_data_is_written_so_that_it_reads_the_same(tmp_path: Path) -> None:
    texts = ["- 1: {x} #no ${HOME} \"q\" 'q' 👍\x07", "two\nlines\u2028three", "a [link](http://a.b)", "ا\\n"]
    given = [Labelled(text, "ar", "iraqi", "greet", "", {"need": frozenset({"cash"})}) for text in texts]
    folds.write_training(tmp_path / "new", given)
    read = messages.training(tmp_path / "new")
    assert [one.text for one in read] == [texts[0], "two lines three", "a [link] (http://a.b)", texts[3]]
    assert {(one.intent, one.register, one.details["need"]) for one in read} == {
        ("greet", "iraqi", frozenset({"cash"}))
    }
    (block,) = yaml.safe_load((tmp_path / "new/nlu.yml").read_text("utf-8"))["nlu"]
    assert block["metadata"] == {"register": "iraqi", "need": ["cash"]}


def test_the_language_of_training_messages() -> None:
    assert messages.language_of("arabizi", "shlonak") == "ar"
    assert messages.language_of("kmr", "silav") == "kmr"
    assert messages.language_of("typo", "السلم عليكم ok") == "ar"
    assert messages.language_of("typo", "helo") == "en"


def test_a_labelled_file(tmp_path: Path) -> None:
    path = tmp_path / "dev.tsv"
    path.write_bytes(f'\ufeff{HEADER}\r\n"hi\ten\tLatn\ten\tgreet\tthank\tcash|food\t\t\t\t\tIQG15\r\n\r\n'.encode())
    (message,) = messages.read(path, INTENTS)
    assert (message.text, message.language, message.register) == ('"hi', "en", "en")
    assert (message.intent, message.intent_alt) == ("greet", "thank")
    assert message.details["need"] == {"cash", "food"}
    assert message.details["place"] == {"IQG15"}
    assert message.details["aspect"] == frozenset()


ROW = "hi\ten\tLatn\ten\tgreet" + "\t" * 7
BAD_FILES = {
    "": "the file is empty",
    "\n \n": "the file is empty",
    HEADER: "no messages",
    HEADER.replace("\tneed", "") + f"\n{ROW}": "line 1: missing column need",
    f"{HEADER}\n{ROW}\nhi\ten": "line 3: 2 columns",
    f"{HEADER}\n{ROW}\n\n{ROW.replace('greet', 'wave')}": "line 4: unknown intent 'wave'",
    f"{HEADER}\n{ROW.replace('greet', '')}": "line 2: unknown intent",
    f"{HEADER}\n{ROW.replace('en', 'fr', 1)}": "line 2: unknown language 'fr'",
}


@pytest.mark.parametrize(("content", "problem"), BAD_FILES.items())
def test_a_labelled_file_that_cannot_be_used(tmp_path: Path, content: str, problem: str) -> None:
    path = tmp_path / "dev.tsv"
    path.write_text(content, "utf-8")
    with pytest.raises(Malformed, match=problem) as error:
        messages.read(path, INTENTS)
    assert str(path) in str(error.value)


def test_a_file_in_another_encoding(tmp_path: Path) -> None:
    path = tmp_path / "dev.tsv"
    path.write_bytes(f"{HEADER}\n{ROW}\n".encode() + "سلام".encode("cp1256"))
    with pytest.raises(Malformed, match="line 3: this is not UTF-8"):
        messages.read(path, INTENTS)
    with pytest.raises(Malformed, match="line 3: this is not UTF-8"):
        csv_files.read(path)


GOOD_CSV = {
    "text,category\nhi,a\n": ("hi", "a"),
    'label,text\n"a b","hi, ""you""\nthere"\n': ('hi, "you"\nthere', "a b"),
    ",Label,Query\n0,a,hi\n": ("hi", "a"),
    "sentence,class\nhi,a\n": ("hi", "a"),
}


@pytest.mark.parametrize(("content", "row"), GOOD_CSV.items())
def test_csv_columns_by_name_and_position(tmp_path: Path, content: str, row: tuple[str, str]) -> None:
    path = tmp_path / "train.csv"
    path.write_text(content, "utf-8")
    assert csv_files.read(path) == [row]


BAD_CSV = {
    "": "the file is empty",
    "text,label\n": "no messages",
    "text,x,y\nhi,a,b\n": "line 1: missing column label",
    "x,label\nhi,a\n": "line 1: missing column text",
    "text,label\nhi,a\nhi\n": "line 3: 1 columns",
    'text,label\n"hi\nthere",a\n,a\n': "line 4: no text",
    "text,label\nhi, \n": "line 2: no label",
    'text,label\n"hi,a\n': "line 2: 1 columns",
    'label,text\na,"hi\n' + "a,hi\n" * 30: "a quote before it is never closed",
    "text,label\nhi,a\nhi,b\n": "line 3: label 'b' is not in the training file",
}


@pytest.mark.parametrize(("content", "problem"), BAD_CSV.items())
def test_a_csv_that_cannot_be_used(tmp_path: Path, content: str, problem: str) -> None:
    path = tmp_path / "test.csv"
    path.write_text(content, "utf-8")
    with pytest.raises(Malformed, match=problem):
        csv_files.read(path, frozenset({"a"}))


def test_quotes_inside_a_quoted_text_are_read(tmp_path: Path) -> None:
    path = tmp_path / "train.csv"
    path.write_text('label,text\n"a","it says "pending" for ever"\n"b","hi"\n', "utf-8")
    assert [row.label for row in csv_files.read(path)] == ["a", "b"]


def test_reports_escape_what_people_wrote_and_show_it_only_when_told() -> None:
    text = "<script>alert(1)</script> | *bold*"
    message = Labelled(text, "ar", "<b>iraqi", "greet", "", {})
    told = [answer("thank")]
    shown = [section("dev<i>.tsv", [message], told, examples=True)]
    page, notes = reports.html(shown), reports.markdown(shown)
    for report in (page, notes):
        assert "<script" not in report
        assert "<b>" not in report
        assert "<i>." not in report
        assert "&lt;script&gt;alert" in report
    assert r"\| \*bold\*" in notes
    hidden = [section("dev.tsv", [message], told, examples=False)]
    assert "alert" not in reports.html(hidden) + reports.markdown(hidden) + reports.printed(hidden[0])


def test_the_page_needs_nothing_else_and_counts_confusions() -> None:
    pairs = [(gold("greet"), answer("greet"))] * 3 + [(gold("greet"), answer("thank"))]
    made = section("x", *map(list, zip(*pairs, strict=True)), examples=False)
    page = reports.html([made])
    assert "http" not in page
    assert "src=" not in page
    assert 'class="right" style="--share: 0.75">3</td>' in page
    assert 'style="--share: 0.25">1</td>' in page
    assert [(one.truth, one.found, one.n) for one in made.worst] == [("greet", "thank", 1)]


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "daleel", "eval", *arguments]
    return subprocess.run(command, cwd=ROOT, env=scrubbed(), capture_output=True, text=True, timeout=300)


def test_a_bad_file_ends_it_with_a_clear_word(tmp_path: Path) -> None:
    path = tmp_path / "dev.tsv"
    path.write_text("text\nhi\n")
    done = run("--file", str(path))
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith(f"{path}, line 1: missing column language")
    assert "No such file" in run("--file", str(tmp_path / "nothing.tsv")).stderr
    assert run("--train-csv", str(path)).returncode == 1
    assert run("--folds", "1").returncode == 1


def test_a_small_benchmark(tmp_path: Path) -> None:
    rows = [(f"my card number {n} has not come", "card/late") for n in range(8)]
    rows += [(f"كم سعر صرف {n} دولار", "سعر: الصرف") for n in range(8)]
    train, test = tmp_path / "train.csv", tmp_path / "test.csv"
    for path, those in ((train, rows), (test, [*rows[::4], ("my card has not come", "سعر: الصرف")])):
        with path.open("w", encoding="utf-8", newline="") as file:
            csv.writer(file).writerows([("text", "category"), *those])
    done = run("--train-csv", str(train), "--test-csv", str(test), "--test-csv", str(train))
    assert done.returncode == 0, done.stderr
    told = [line.split() for line in done.stdout.splitlines()]
    assert told[1:] == [["test.csv", "accuracy", "0.8000", "n=5"], ["train.csv", "accuracy", "1.0000", "n=16"]]
