"""Every text a person reads: in both languages, short enough, and never bound to a channel."""

import re
import string
from pathlib import Path

import pytest
import yaml

from infrastructure.resources import Resources
from infrastructure.segments import is_gsm, parts
from infrastructure.wording import LANGUAGES, RESPONSES, load

WORDING = load()
# Placeholders are filled with names and places; this stands in for one.
TYPICAL = "٠" * 12
PARTS = 3


def placeholders(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


@pytest.mark.parametrize("key", WORDING.texts)
def test_both_languages_with_the_same_placeholders(key: str) -> None:
    texts = WORDING.texts[key]
    assert set(texts) == set(LANGUAGES)
    assert all(text.strip() for text in texts.values())
    assert placeholders(texts["ar"]) == placeholders(texts["en"])


@pytest.mark.parametrize("key", WORDING.texts)
def test_what_a_text_costs(key: str) -> None:
    for language, text in WORDING.texts[key].items():
        filled = text.format(**dict.fromkeys(placeholders(text), TYPICAL if language == "ar" else "x" * 12))
        assert parts(filled) <= PARTS, (language, parts(filled))


@pytest.mark.parametrize("key", sorted(set(WORDING.texts) - {"utter_language_ckb"}))  # half of that one is Sorani
def test_english_is_gsm(key: str) -> None:
    """One curly quote would more than double the price of an English text."""
    assert is_gsm(WORDING.texts[key]["en"])


@pytest.mark.parametrize("file", sorted(RESPONSES.glob("*.yml")), ids=lambda file: file.name)
def test_no_text_is_bound_to_a_channel(file: Path) -> None:
    """In Rasa a channel beats the language: an English speaker would get the Arabic text."""
    for key, variations in yaml.safe_load(file.read_text("utf-8"))["responses"].items():
        assert not any("channel" in variation for variation in variations), key
        for variation in variations:
            for button in variation.get("buttons", []):
                assert button["title"] == button["payload"], key
                assert len(button["title"]) <= 20, key


LABELS = ("utter_choice_", "utter_menu_", "utter_need_", "utter_piece_", "utter_topic_")


@pytest.mark.parametrize("key", [key for key in WORDING.texts if key.startswith(LABELS)])
def test_a_label_fits_a_row_of_a_list(key: str) -> None:
    """WhatsApp's rows hold 24 characters (https://www.twilio.com/docs/content/twiliolist-picker)."""
    assert all(len(text) <= 24 for text in WORDING.texts[key].values()), WORDING.texts[key]


def test_each_key_has_one_home() -> None:
    keys = [key for file in RESPONSES.glob("*.yml") for key in yaml.safe_load(file.read_text("utf-8"))["responses"]]
    assert len(keys) == len(set(keys))


def test_every_action_of_the_domain_is_there_and_the_reverse() -> None:
    from actions.endpoint import everything

    domain = yaml.safe_load((RESPONSES.parent / "domain.yml").read_text("utf-8"))
    ours = {action.name() for action in everything(object.__new__(Resources))}
    assert ours == set(domain["actions"])


def test_both_environments_know_the_same_dangers() -> None:
    """Rasa leaves unanswered exactly what the service answers; neither can import the other."""
    from conversations.models import DANGERS, MISCONDUCT

    told = (RESPONSES.parents[1] / "bot" / "meaning.py").read_text("utf-8")
    [listed] = re.findall(r'DANGERS = frozenset\(\s*"([a-z_ ]+)"', told)
    assert set(listed.split()) == set(DANGERS)
    assert f'\nMISCONDUCT = "{MISCONDUCT}"\n' in told
