"""Guards over training data, domain and rules."""

import csv
import os
import subprocess
import sys
import unicodedata
from collections.abc import Iterator
from typing import Any

import pytest
import yaml
from conftest import ROOT

from bot.components.normaliser import fold

HELD_OUT = ROOT.parent / "shared" / "eval" / "dev.tsv"


def is_arabic_script(text: str) -> bool:
    return any("ARABIC" in unicodedata.name(character, "") for character in text)


def test_no_message_is_an_example_of_two_intents(examples: dict[str, list[str]]) -> None:
    taught: dict[str, str] = {}
    for intent, texts in examples.items():
        assert len(texts) == len(set(texts)), f"{intent} has the same example twice"
        for text in texts:
            assert taught.setdefault(fold(text) or text, intent) == intent, text


@pytest.mark.skipif(not HELD_OUT.exists(), reason="the held-out messages are not beside this checkout")
def test_nothing_was_learnt_from_the_held_out_messages(examples: dict[str, list[str]]) -> None:
    with HELD_OUT.open(encoding="utf-8") as file:
        held_out = {row["text"].strip() for row in csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE)}
    assert held_out.isdisjoint(text for texts in examples.values() for text in texts)


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
            action = rule["steps"][-1]["action"]
            assert action in keys or action in domain["actions"]


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
