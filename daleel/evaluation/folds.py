"""Cross-validation: which messages are asked when, and the rest as training data for Rasa."""

import random
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import yaml

from daleel.evaluation.messages import Labelled

SEED = 20


def split(intents: Sequence[str], folds: int) -> list[list[int]]:
    """The positions of the messages of each fold; every fold has its share of every intent."""
    by_intent: dict[str, list[int]] = {}
    for at, intent in enumerate(intents):
        by_intent.setdefault(intent, []).append(at)
    chance = random.Random(SEED)  # noqa: S311  nothing secret is drawn
    dealt: list[int] = []
    for positions in by_intent.values():
        chance.shuffle(positions)
        dealt += positions
    return [sorted(dealt[fold::folds]) for fold in range(folds)]


def write_training(folder: Path, messages: Iterable[Labelled]) -> None:
    """Training data for Rasa in a new folder, with the metadata that data/nlu has."""
    blocks: dict[str, dict[str, Any]] = {}
    for message in messages:
        details = {name: sorted(codes) for name, codes in message.details.items() if codes}
        block: dict[str, Any] = {"intent": message.intent, "metadata": {"register": message.register, **details}}
        blocks.setdefault(str(block), {**block, "examples": ""})["examples"] += _example(message.text)
    # Quoted, nothing in a text can be taken for YAML or for the name of an environment variable.
    nlu = yaml.dump(list(blocks.values()), Dumper=yaml.CSafeDumper, default_style='"', allow_unicode=True)
    folder.mkdir()
    (folder / "nlu.yml").write_text(f'version: "3.1"\nnlu:\n{nlu}', "utf-8")


def _example(text: str) -> str:
    """A text as Rasa lists it: on one line, and without brackets that would mark an entity."""
    return f"- {' '.join(text.split())}\n".replace("](", "] (").replace("]{", "] {")
