"""Finding codes in messages, with the lexicons the bot really uses and with small ones."""

from pathlib import Path

import pytest
from conftest import ROOT
from rasa.shared.nlu.training_data.message import Message

from bot.components.lexicon_extractor import LexiconEntityExtractor
from orthography.lexicon import Lexicon, LexiconError

FILES = {
    "place": ROOT / "directory/data/spellings.tsv",
    "language": ROOT / "data/lexicon/language.tsv",
}


@pytest.fixture(scope="module")
def extractor() -> LexiconEntityExtractor:
    return LexiconEntityExtractor({entity: Lexicon.read(path) for entity, path in FILES.items()})


@pytest.fixture(scope="module")
def small() -> LexiconEntityExtractor:
    places, needs = Lexicon(), Lexicon()
    for code, form in [("M", "الموصل"), ("S", "سنجار"), ("D", "دهوك"), ("M", "Mosul"), ("SD", "Salah al-Din")]:
        places.add(code, form)
    places.add("K", "مخيم خانكي")
    places.add("B", "بلد", needs_cue=True)
    places.add("H", "Hit", needs_cue=True)
    for code, form in [("camp", "مخيم"), ("doc", "مستمسكاتنا"), ("mhpss", "دعم نفسي"), ("health", "health")]:
        needs.add(code, form)
    needs.add("mhpss", "mental health")
    return LexiconEntityExtractor({"place": places, "need": needs})


def codes(extractor: LexiconEntityExtractor, text: str) -> list[str]:
    return [entity["value"] for entity in extractor.extract(text)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("دعم نفسي بالموصل", ["mhpss", "M"]),
        ("للدعم النفسي", ["mhpss"]),
        ("نروح لسنجار وبدهوك", ["S", "D"]),
        ("للموصل او الموصل", ["M"]),
        ("عالموصل", ["M"]),
        ("بلموصل", ["M"]),
        ("مِن المَــوصل؟", ["M"]),
        ("bilmosul w mosul", ["M"]),
        ("MOSUL!", ["M"]),
        ("in Salah Al Din", ["SD"]),
        ("بمستمسكاتنا", ["doc"]),
        ("احنا بمخيم خانكي", ["K"]),
        ("احنا بمخيم", ["camp"]),
        ("mental health", ["mhpss"]),
        ("هذا بلد جميل", []),
        ("اني من بلد", ["B"]),
        ("قضاء بلد", ["B"]),
        ("نازحين ببلد", ["B"]),
        ("بلد", ["B"]),
        ("they hit us", []),
        ("we live in Hit", ["H"]),
        ("Hit city is far", ["H"]),
        ("موصلات", []),
        ("", []),
    ],
)
def test_matching(small: LexiconEntityExtractor, text: str, expected: list[str]) -> None:
    assert codes(small, text) == expected


def test_an_entity_points_at_the_text_as_typed(small: LexiconEntityExtractor) -> None:
    text = "اريد دعـم نفسي، بالمـوصل"
    found = [(entity["entity"], text[entity["start"] : entity["end"]]) for entity in small.extract(text)]
    assert found == [("need", "دعـم نفسي"), ("place", "بالمـوصل")]


def spans(extractor: LexiconEntityExtractor, text: str) -> set[int]:
    covered: list[int] = []
    for entity in extractor.extract(text):
        covered.extend(range(entity["start"], entity["end"]))
    assert len(covered) == len(set(covered)), text
    return set(covered)


def test_entities_of_training_messages_never_overlap(extractor: LexiconEntityExtractor, examples: dict) -> None:
    assert any(spans(extractor, text) for text in examples["find_service"])


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("وين اكدر احصل على دعم نفسي بالموصل؟", {"IQG15"}),
        ("where can I get help with my lost documents in Duhok", {"IQG09"}),
        ("مستمسكاتي ضايعة واني بكركوك", {"IQG13"}),
        ("اريد محامي ببلاش لسنجار", {"IQG15"}),
        ("هذا بلد الخير", set()),
        ("حكيت عنه البارحة", set()),
    ],
)
def test_the_real_lexicons(extractor: LexiconEntityExtractor, text: str, expected: set[str]) -> None:
    found = extractor.extract(text)
    assert {entity["value"][:5] if entity["entity"] == "place" else entity["value"] for entity in found} == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("اريد محامي من بقداد", "IQG08"),
        ("بالفلوحة", "IQG01Q01"),
        ("I need food in Bagdhad", "IQG08"),
        ("sulimania", "IQG06"),
        ("karkok", "IQG13"),
        ("in salahadin", "IQG16"),
    ],
)
def test_a_misspelt_place_is_guessed_at(extractor: LexiconEntityExtractor, text: str, expected: str) -> None:
    [found] = extractor.extract(text)
    assert (found["value"], found["role"]) == (expected, "guess")


@pytest.mark.parametrize(
    "text",
    [
        "karkok is far",  # nothing announces a place
        "من السيدية للسعدية",  # two towns of nearly one name, both known
        "in Mosul near Bagdhad",  # one place is named
        "نزلنا بالسيارة من الكرفان",
        "from court to garden",
    ],
)
def test_nothing_else_is_guessed_at(extractor: LexiconEntityExtractor, text: str) -> None:
    assert not [found for found in extractor.extract(text) if "role" in found]


def test_hardly_a_training_message_seems_to_name_a_place_wrongly(
    extractor: LexiconEntityExtractor, examples: dict
) -> None:
    texts = [text for texts in examples.values() for text in texts]
    guessed = [text for text in texts if any("role" in found for found in extractor.extract(text))]
    assert len(guessed) / len(texts) < 0.005


@pytest.mark.parametrize(
    ("text", "intent"),
    [
        ("الموصل", "give_location"),
        ("بالموصل!", "give_location"),
        ("Mosul", "give_location"),
        ("al qaim", "give_location"),
        ("English", "change_language"),
        ("food in Mosul", "find_service"),
        ("Mosul Duhok", "find_service"),
        ("karkok", "find_service"),  # a guess means nothing by itself
        ("", "find_service"),
    ],
)
def test_a_name_alone_means_what_names_mean(text: str, intent: str) -> None:
    lexicons = {entity: Lexicon.read(path) for entity, path in FILES.items()}
    extractor = LexiconEntityExtractor(lexicons, {"place": "give_location", "language": "change_language"})
    read = {"name": "find_service", "confidence": 0.99}
    message = Message({"text": text, "intent": read, "intent_ranking": [read, {"name": intent, "confidence": 0.3}]})
    extractor.process([message])
    assert message.get("intent")["name"] == intent
    # Beside a name alone no other reading stands, however likely: two would be asked about.
    assert len(message.get("intent_ranking")) == (2 if intent == "find_service" else 1)


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        ("form\tcode\nx\n", "words.tsv:2: 1 columns instead of 2"),
        ("code\tform\na\tx\nb\tX\n", "words.tsv:3: 'X' already names a, it cannot name b too"),
        ("code\tform\na\t!!\n", "words.tsv:2: the form '!!' has no letters"),
        ("code\tform\n\tx\n", "words.tsv:2: no code"),
        ("# only\nword\tcode\n", "words.tsv:2: the first line must name"),
    ],
)
def test_a_bad_line_is_named(tmp_path: Path, content: str, complaint: str) -> None:
    path = tmp_path / "words.tsv"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(LexiconError) as error:
        Lexicon.read(path)
    assert complaint in str(error.value)


def test_comments_empty_lines_and_cues_are_read(tmp_path: Path) -> None:
    path = tmp_path / "words.tsv"
    path.write_text("# places\nspelling\tcode\tkind\tcue\n\nبلد\tB\tname\tyes\n", encoding="utf-8")
    extractor = LexiconEntityExtractor({"place": Lexicon.read(path)})
    assert codes(extractor, "هذا بلد جميل") == []
    assert codes(extractor, "في بلد") == ["B"]
