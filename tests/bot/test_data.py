"""Guards over training data, domain and rules."""

import hashlib
import os
import subprocess
import sys
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterator
from typing import Any

import pytest
import yaml
from conftest import ROOT

from orthography.folding import fold

# Fingerprints of the messages kept aside for measuring: the first 16 digits of the SHA-256 of each folded text.
HELD_OUT = frozenset((ROOT / "tests/bot/held_out.txt").read_text(encoding="utf-8").split())
ENTITIES = {
    "need": 28,
    "document": 17,
    "aspect": 11,
    "property_topic": 6,
    "return_direction": 3,
}


def is_arabic_script(text: str) -> bool:
    return any("ARABIC" in unicodedata.name(character, "") for character in text)


def test_no_message_is_an_example_of_two_intents(examples: dict[str, list[str]]) -> None:
    taught: dict[str, str] = {}
    for intent, texts in examples.items():
        assert len(texts) == len(set(texts)), f"{intent} has the same example twice"
        for text in texts:
            assert taught.setdefault(fold(text) or text, intent) == intent, text


def test_nothing_was_learnt_from_the_held_out_messages(examples: dict[str, list[str]]) -> None:
    assert len(HELD_OUT) > 200
    for texts in examples.values():
        for text in texts:
            assert hashlib.sha256(fold(text).encode()).hexdigest()[:16] not in HELD_OUT, text


def test_messages_come_from_many_people(blocks: list[dict[str, Any]]) -> None:
    """Thousands, at least half of them Iraqi, a sixth in Arabizi, some Kurdish; the registers of people who text."""
    registers: Counter[str] = Counter()
    for block in blocks:
        registers[block["metadata"]["register"]] += len(block["texts"])
    total = sum(registers.values())
    assert total >= 6000
    # Arabizi and misspelt Arabic are nearly all Iraqi; each counts once.
    misspelt = sum(is_arabic_script(t) for b in blocks if b["metadata"]["register"] == "typo" for t in b["texts"])
    assert registers["iraqi"] + registers["arabizi"] + misspelt >= total / 2
    assert registers["arabizi"] >= total / 6
    assert registers["ckb"] + registers["kmr"] >= 300


def test_messages_are_not_filled_from_templates(examples: dict[str, list[str]]) -> None:
    """Few share most of their words with another, and few begin alike."""
    words = [fold(text).split() for texts in examples.values() for text in texts]
    long = [frozenset(one) for one in words if len(set(one)) >= 4]
    having: defaultdict[str, list[int]] = defaultdict(list)
    alike = 0
    for at, one in enumerate(long):
        shared = Counter(other for word in one if len(having[word]) < 200 for other in having[word])
        alike += any(count / len(one | long[other]) >= 0.6 for other, count in shared.items())
        for word in one:
            having[word].append(at)
    assert alike / len(long) < 0.01
    openings = Counter(tuple(one[:2]) for one in words if len(one) > 2)
    assert len(openings) / sum(openings.values()) > 0.8


@pytest.mark.parametrize("entity", ENTITIES)
def test_every_code_is_taught(blocks: list[dict[str, Any]], entity: str) -> None:
    taught: Counter[str] = Counter()
    for block in blocks:
        for code in block["metadata"].get(entity, []):
            taught[code] += len(block["texts"])
    assert len(taught) == ENTITIES[entity]
    assert min(taught.values()) >= 20, taught.most_common()[-3:]


def test_every_intent_is_taught_in_both_languages(examples: dict[str, list[str]], domain: dict[str, Any]) -> None:
    intents = {next(iter(intent)) for intent in domain["intents"]} - {"nlu_fallback"}
    assert set(examples) == intents
    for intent, texts in examples.items():
        arabic = sum(is_arabic_script(text) for text in texts)
        latin = sum(text.isascii() for text in texts)
        assert min(arabic, latin) >= 25, f"{intent}: {arabic} in Arabic script, {latin} in Latin"


def responses() -> Iterator[tuple[str, Any]]:
    for path in sorted((ROOT / "domain" / "responses").glob("*.yml")):
        yield from yaml.safe_load(path.read_text(encoding="utf-8"))["responses"].items()


def test_every_rule_answers(domain: dict[str, Any]) -> None:
    keys = {key for key, _ in responses()}
    for path in (ROOT / "data" / "rules").glob("*.yml"):
        for rule in yaml.safe_load(path.read_text(encoding="utf-8"))["rules"]:
            action = next(step["action"] for step in rule["steps"] if "action" in step)
            assert action in keys or action in domain["actions"] or action in domain["forms"]


def test_rasa_finds_nothing_wrong() -> None:
    command = [
        sys.executable,
        "-m",
        "rasa",
        "data",
        "validate",
        "--domain",
        "domain",
        "--data",
        "data/nlu",
        "data/rules",
    ]
    run = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, env=os.environ)
    assert run.returncode == 0, run.stdout + run.stderr
    said = run.stdout + run.stderr
    # Texts that actions and the service say are used by no rule; nothing else may be complained about.
    complaints = [line for line in said.splitlines() if "UserWarning" in line and "not used in any" not in line]
    complaints = [line for line in complaints if "Slot auto-fill" not in line]
    assert complaints == []
