"""Spellings that must become one, and distinctions that must stay."""

import pytest

from orthography.folding import fold, fold_lightly, words


@pytest.mark.parametrize(
    ("typed", "folded"),
    [
        ("أحتاج إلى مساعدة", "احتاج الي مساعده"),
        ("مُسَاعَدَةٌ", "مساعده"),
        ("مــســاعــدة", "مساعده"),
        ("هلووووو", "هلو"),
        ("heeeelp", "help"),
        ("جذوره عميقة", "جذوره عميقه"),
        ("گلي شگد", "كلي شكد"),
        ("پاسبورت", "باسبورت"),
        ("چم", "جم"),
        ("کربلا", "كربلا"),
        ("سنجاری", "سنجاري"),
        ("٠٧٧٠ ۱۲۳", "0770 123"),
        ("100000 دينار", "100000 دينار"),
        ("دواء ومسؤول وعائلة", "دوا ومسوول وعايله"),
        ("ﻣﺮﺣﺒﺎ", "مرحبا"),
        ("can't, won't!", "cant wont"),
        ("Şingal", "singal"),
        ("می\u200cخواهم", "ميخواهم"),
        ("\u202bبالموصل\u202c\u200f", "بالموصل"),
        ("العودة/التعويض", "العوده التعويض"),
        ("🙏؟؟!", ""),
        ("\ud800نعم\x00لا", "نعم لا"),
        ("", ""),
    ],
)
def test_fold(typed: str, folded: str) -> None:
    assert fold(typed) == folded


def test_water_is_not_what() -> None:
    assert fold("ماء") != fold("ما")


def test_kurdish_letters_keep_a_word_as_it_is() -> None:
    assert fold("گەڕانەوە") == "گەڕانەوە"
    assert fold("پێویستم") == "پێويستم"


def test_folding_twice_changes_nothing() -> None:
    for text in ("أحتااااج إلى دواءٍ", "Şingal's", "پێویستم بە یارمەتی"):
        assert fold(fold(text)) == fold(text)


@pytest.mark.parametrize(
    ("typed", "folded"),
    [
        ("أحتاج إلى مُساعدةٍ؟", "أحتاج إلى مساعدة؟"),
        ("کربلاء ٢٠٢٤", "كربلاء 2024"),
        ("مــرحبا\u200f 🙏", "مرحبا 🙏"),
        ("پێویستم بە یارمەتی", "پێویستم بە یارمەتی"),
        ("a\x00b\ud800c", "abc"),
    ],
)
def test_light_fold_keeps_what_the_encoder_knows(typed: str, folded: str) -> None:
    assert fold_lightly(typed) == folded


def test_words_stand_where_they_were_typed() -> None:
    text = "اني بـالمـوصل، (don't) ٢٠"
    assert [(word.text, word.folded) for word in words(text)] == [
        ("اني", "اني"),
        ("بـالمـوصل", "بالموصل"),
        ("don't", "dont"),
        ("٢٠", "20"),
    ]
    assert all(text[word.start : word.end] == word.text for word in words(text))
