"""What a report says about one set of messages."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from daleel.evaluation.answers import Answer
from daleel.evaluation.confidence import Band, bands, calibration_error
from daleel.evaluation.figures import Figure, is_right, measure
from daleel.evaluation.messages import Labelled

REGISTER = "intent register "
WORST = 15
EXAMPLES = 3


class Confusion(NamedTuple):
    """Messages of one kind taken for another; `texts` are some of them, if they may be shown."""

    truth: str
    found: str
    n: int
    texts: list[str]


class Grid(NamedTuple):
    """How often each truth (row) was found as what (column)."""

    rows: list[str]
    columns: list[str]
    counts: Counter[tuple[str, str]]

    def share(self, truth: str, found: str) -> float:
        """The share of the messages of a truth that were found as this."""
        return self.counts[truth, found] / sum(self.counts[truth, column] for column in self.columns)


@dataclass(frozen=True)
class Section:
    """Everything that is reported; made by `section`."""

    title: str
    count: int
    figures: dict[str, Figure]
    bands: list[Band]
    calibration_error: float
    languages: Grid
    intents: Grid
    worst: list[Confusion]

    @property
    def registers(self) -> dict[str, Figure]:
        """The intent figure of each register."""
        return {n.removeprefix(REGISTER): figure for n, figure in self.figures.items() if n.startswith(REGISTER)}

    @property
    def overall(self) -> dict[str, Figure]:
        """The figures that aren't of a register."""
        return {name: figure for name, figure in self.figures.items() if not name.startswith(REGISTER)}


def section(title: str, messages: Sequence[Labelled], answers: Sequence[Answer], *, examples: bool) -> Section:
    """What is to be reported of these answers; `examples` shows messages that were misunderstood."""
    confused: dict[tuple[str, str], list[str]] = defaultdict(list)
    pairs: Counter[tuple[str, str]] = Counter()
    for message, answer in zip(messages, answers, strict=True):
        if is_right(message, answer):
            pairs[message.intent, message.intent] += 1
        else:
            pairs[message.intent, answer["intent"]] += 1
            confused[message.intent, answer["intent"]].append(message.text)
    most = sorted(confused.items(), key=lambda one: (-len(one[1]), one[0]))[:WORST]
    found = bands(messages, answers)
    return Section(
        title,
        len(messages),
        measure(messages, answers),
        found,
        calibration_error(found),
        _grid(Counter((m.language, a["language"]) for m, a in zip(messages, answers, strict=True))),
        _grid(pairs),
        [Confusion(*pair, len(texts), texts[:EXAMPLES] if examples else []) for pair, texts in most],
    )


def _grid(counts: Counter[tuple[str, str]]) -> Grid:
    truths = {truth for truth, _ in counts}
    return Grid(sorted(truths), sorted(truths | {found for _, found in counts}), counts)
