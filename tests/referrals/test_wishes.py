"""What is kept of what people say: enough to help, and nothing that can't be seen."""

import pytest

from directory.needs import NEEDS
from referrals import wishes
from referrals.wishes import NeedsAPerson, Wish


@pytest.mark.parametrize(
    ("written", "number"),
    [
        ("07701234567", "+9647701234567"),
        ("٠٧٧٠ ١٢٣ ٤٥٦٧", "+9647701234567"),
        ("my sister's: 0770-123-4567, call her", "+9647701234567"),
        ("+964 770 123 4567", "+9647701234567"),
        ("00964 (770) 1234567", "+9647701234567"),
        ("9647701234567", "+9647701234567"),
        ("7701234567", "+9647701234567"),
        ("+44 7700 900999", "+447700900999"),
        ("066 123 4567", "0661234567"),
        ("12", None),
        ("رقم اختي", None),
        ("1234567890123456", None),
        ("", None),
        ("7" * 5000, None),
        ("\0\ud800", None),
    ],
)
def test_numbers_in_what_people_write(written: str, number: str | None) -> None:
    assert wishes.number_in(written) == number


@pytest.mark.parametrize("need", ["gbv", "counter_trafficking", "child_protection"])
def test_sensitive_needs_are_for_a_person(need: str) -> None:
    with pytest.raises(NeedsAPerson):
        wishes.kept(Wish(need))


@pytest.mark.parametrize(
    "wish",
    [
        Wish("magic"),
        Wish(""),
        Wish("food", place="Atlantis"),
        Wish("food", how="pigeon"),
        Wish("food", when="never"),
        Wish("food", number="soon"),
    ],
)
def test_what_no_form_of_ours_says_is_an_error(wish: Wish) -> None:
    with pytest.raises(ValueError, match=r"unknown|number"):
        wishes.kept(wish)


def test_every_other_need_can_be_kept() -> None:
    for need in set(NEEDS) - wishes.SENSITIVE:
        assert wishes.kept(Wish(need)).need == need


def test_texts_are_cut_and_cleaned() -> None:
    wish = wishes.kept(Wish("food", name="  Umm\n\u202eAli\0  ", words="\u200f" + "ط" * 900))
    assert wish.name == "Umm Ali"
    assert wish.words == "ط" * wishes.LONGEST_WORDS
    assert len(wishes.kept(Wish("food", name="ن" * 400)).name) == wishes.LONGEST_NAME
    assert wishes.is_cut(Wish("food", words="x" * 501))
    assert not wishes.is_cut(Wish("food", words="x" * 500 + "\0 "))
    assert wishes.kept(Wish("food", words="one\ntwo")).words == "one\ntwo"
