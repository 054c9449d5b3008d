"""The demo's page: what was said is there as text in both languages, whatever it was. The day itself is `make demo`."""

import re
from pathlib import Path

import pytest

from demo import page
from demo.story import HERE, WORDS, Act, Line, Picture, Scene

HOSTILE = '<script>alert("دليل")</script> & <b>'


@pytest.fixture
def scenes() -> list[Scene]:
    """Somebody who writes Arabic, with staff and buttons, and somebody who writes English."""
    asked, offered = Line("person", HOSTILE), Line("daleel", "شنو تحتاج؟\n1 محامي", ("محامي", HOSTILE), 2)
    arabic = [asked, offered, Line("person", "محامي", tapped=True), Act("salim.taken"), Line("staff", "هلا بيك")]
    return [
        Scene("salim", "+9647000000006", "whatsapp", "ar", steps=list(arabic)),
        Scene("mary", "+9647000000004", "sms", "en", steps=[Line("person", "I need a lawyer & a doctor")]),
    ]


def test_what_was_said_is_text_and_never_markup(tmp_path: Path, scenes: list[Scene]) -> None:
    told = page.write(tmp_path, scenes).read_text("utf-8")
    assert "<script" not in told
    assert told.count("&lt;script&gt;alert(&#34;دليل&#34;)&lt;/script&gt; &amp; &lt;b&gt;") == 2
    assert '<p class="bubble" dir="auto">شنو تحتاج؟\n1 محامي</p>' in told
    assert '<p class="bubble" dir="auto">I need a lawyer &amp; a doctor</p>' in told
    assert "2 × SMS" in told


def test_both_languages_tell_of_it(tmp_path: Path, scenes: list[Scene]) -> None:
    told = page.write(tmp_path, scenes).read_text("utf-8")
    for name in ("page.title", "salim.name", "salim.lead", "salim.taken", "mary.lead", "by.staff", "page.tapped"):
        assert WORDS[name].en in told
        assert WORDS[name].ar in told


def test_without_pictures_it_says_what_they_need(tmp_path: Path, scenes: list[Scene]) -> None:
    told = page.write(tmp_path, scenes).read_text("utf-8")
    assert WORDS["page.no_pictures"].ar in told
    assert "<img" not in told


def test_pictures_stand_beside_the_page(tmp_path: Path, scenes: list[Scene]) -> None:
    scenes[0].pictures.append(Picture("salim-1.png", "desk", "salim.desk"))
    told = page.write(tmp_path, scenes).read_text("utf-8")
    assert WORDS["page.no_pictures"].en not in told
    assert 'src="salim-1.png"' in told
    assert (tmp_path / "page.css").exists()
    assert not re.search(r'(?:src|href)="(?:https?:)?/', told)


def test_there_are_words_for_all_that_happens() -> None:
    """Found before the day is played, not after it."""
    used = set(re.findall(r'"([a-z_]+\.[a-z_]+)"', (HERE / "day.py").read_text("utf-8")))
    people = set(re.findall(r'_person\("([a-z_]+)"', (HERE / "day.py").read_text("utf-8")))
    assert len(people) == 6
    assert used - WORDS.keys() == set()
    assert {f"{who}.{what}" for who in people for what in ("name", "kind", "lead")} <= WORDS.keys()
    assert all(words.ar.strip() and words.en.strip() for words in WORDS.values())
