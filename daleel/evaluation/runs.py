"""The three ways to evaluate: by cross-validation, on labelled files, and on public benchmarks."""

from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from conversations.assistant import described
from daleel.evaluation import answers, csv_files, folds, messages, reports
from daleel.evaluation.answers import Answer, Split
from daleel.evaluation.csv_files import Row
from daleel.evaluation.messages import Labelled
from daleel.evaluation.section import Section, section
from daleel.training import ROOT

REPORTS = ROOT / "var" / "eval"


def cross_validate(count: int, *, examples: bool) -> None:
    """Each message of data/nlu is answered by a model that was trained on the other folds."""
    labelled = messages.training()
    if not 2 <= count <= len(labelled):
        raise messages.Malformed(f"{count} folds are not possible with {len(labelled)} messages")
    answered = _each_by_the_others(labelled, count)
    _report([section(f"Training data, {count}-fold cross-validation", labelled, answered, examples=examples)])


def _each_by_the_others(labelled: Sequence[Labelled], count: int) -> list[Answer]:
    parts = folds.split([message.intent for message in labelled], count)
    answered: dict[int, Answer] = {}
    with TemporaryDirectory() as scratch:
        splits = []
        for number, part in enumerate(parts):
            asked, training = set(part), Path(scratch) / f"fold-{number}"
            folds.write_training(training, (one for at, one in enumerate(labelled) if at not in asked))
            splits.append(Split(str(training), [labelled[at].text for at in part]))
        for part, parsed in zip(parts, answers.of_each_split(splits, Path(scratch)), strict=True):
            answered |= {at: described(labelled[at].text, one) for at, one in zip(part, parsed, strict=True)}
    return [answered[at] for at in range(len(labelled))]


def evaluate_files(paths: Sequence[Path]) -> None:
    """The messages of each file are answered by the model of `make train`. No message of theirs is shown."""
    intents = messages.known_intents()
    files = [(path, messages.read(path, intents)) for path in paths]
    answered = iter(answers.of_the_model([message.text for _, those in files for message in those]))
    _report([section(path.name, those, [next(answered) for _ in those], examples=False) for path, those in files])


def evaluate_csv(train: Path, tests: Sequence[Path]) -> None:
    """The pipeline learns the training file; prints how many labels of each test file it gets right."""
    learnt = csv_files.read(train)
    labels = sorted({row.label for row in learnt})
    if len(labels) < 2:
        raise messages.Malformed(f"{train}: one label alone can't be learnt")
    files = [(path, csv_files.read(path, frozenset(labels))) for path in tests]
    # Numbers for intents: a slash in a name would mean something to Rasa, and so may a name of ours to our pipeline.
    intents = {label: str(number) for number, label in enumerate(labels)}
    with TemporaryDirectory() as scratch:
        training = Path(scratch) / "training"
        folds.write_training(training, (_message(row, intents) for row in learnt))
        texts = [row.text for _, rows in files for row in rows]
        (answered,) = answers.of_each_split([Split(str(training), texts)], Path(scratch))
    given = iter(answered)
    print(f"{len(learnt)} messages learnt, {len(labels)} labels")
    for path, rows in files:
        right = sum(next(given)["intent"] == intents[row.label] for row in rows)
        print(f"{path.name:40} accuracy {right / len(rows):.4f}  n={len(rows)}")


def _message(row: Row, intents: dict[str, str]) -> Labelled:
    return Labelled(row.text, "", "", intents[row.label], "", {})


def _report(sections: Sequence[Section]) -> None:
    print("\n\n".join(map(reports.printed, sections)))
    reports.write(REPORTS, sections)
    print(f"\n{REPORTS.relative_to(ROOT)}/report.md and report.html say more.")
