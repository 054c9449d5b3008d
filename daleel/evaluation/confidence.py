"""Whether confidence can be believed: of the answers given with 0.7, seven in ten should be right."""

from collections.abc import Sequence
from typing import NamedTuple

from daleel.evaluation.answers import Answer
from daleel.evaluation.figures import OURS, is_right
from daleel.evaluation.messages import Labelled

BANDS = 10


class Band(NamedTuple):
    """Answers of like confidence: from where to where it goes, their mean confidence, the share that is right."""

    low: float
    high: float
    confidence: float
    right: float
    n: int


def bands(messages: Sequence[Labelled], answers: Sequence[Answer]) -> list[Band]:
    """The answers to messages in our languages by confidence; bands without any are left out."""
    sorted_in: list[list[tuple[float, bool]]] = [[] for _ in range(BANDS)]
    for message, answer in zip(messages, answers, strict=True):
        if message.language in OURS:
            confidence = answer["confidence"]
            sorted_in[min(int(confidence * BANDS), BANDS - 1)].append((confidence, is_right(message, answer)))
    return [
        Band(
            at / BANDS,
            (at + 1) / BANDS,
            sum(confidence for confidence, _ in those) / len(those),
            sum(right for _, right in those) / len(those),
            len(those),
        )
        for at, those in enumerate(sorted_in)
        if those
    ]


def calibration_error(found: Sequence[Band]) -> float:
    """The expected calibration error: how far confidence is from the share that is right, in the mean."""
    total = sum(band.n for band in found)
    return sum(band.n * abs(band.confidence - band.right) for band in found) / max(1, total)
