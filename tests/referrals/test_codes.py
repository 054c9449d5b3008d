"""Codes are short, plain and never taken for another; people may write them as they like."""

from random import Random

import pytest

from referrals import codes

CODES = [codes.new() for _ in range(300)]
CONFUSED = ("0ODQ", "1IL", "2Z", "5S", "8B", "6G", "UV")


def test_of_characters_that_look_alike_at_most_one_is_there() -> None:
    assert len(set(codes.ALPHABET)) == codes.MODULUS == 19
    for alike in CONFUSED:
        assert len(set(alike) & set(codes.ALPHABET)) <= 1, alike
    assert not set("AEIOU") & set(codes.ALPHABET)


def test_codes_are_of_one_form_and_differ() -> None:
    assert len(set(CODES)) == len(CODES)
    for code in CODES:
        first, second = code.split("-")
        assert len(first) == len(second) == codes.GROUP
        assert set(first + second) <= set(codes.ALPHABET)
        assert code[0] in codes.LETTERS
        assert codes.parse(code) == code


@pytest.mark.parametrize("code", CODES[:40])
def test_one_wrong_character_or_two_neighbours_swapped_never_pass(code: str) -> None:
    characters = code.replace("-", "")
    assert codes.is_right(characters)
    for place in range(codes.LENGTH):
        for other in set(codes.ALPHABET) - {characters[place]}:
            assert not codes.is_right(characters[:place] + other + characters[place + 1 :])
    for place in range(codes.LENGTH - 1):
        one, other = characters[place : place + 2]
        swapped = characters[:place] + other + one + characters[place + 2 :]
        assert codes.is_right(swapped) == (one == other)


@pytest.mark.parametrize(
    "written",
    [
        "{lower}",
        "my request {code}",
        "طلبي {lower}؟",
        "شصار بطلبي\n{spaced}",
        "{squeezed} please",
        "رمز{code}",
        "M C {code}",
        "{arabic}",
        "{persian}",
        "{wide}",
        "{dashes}",
        "\u200e{code}\u200f",
        "K7M {code} and later {code}",
        "+9647701234567 {code}",
    ],
)
def test_people_write_codes_as_they_like(written: str) -> None:
    for code in CODES[:50]:
        given = written.format(
            code=code,
            lower=code.lower(),
            spaced=" ".join(code.replace("-", "")),
            squeezed=code.replace("-", "").capitalize(),
            arabic=code.translate(str.maketrans("34679", "٣٤٦٧٩")),
            persian=code.translate(str.maketrans("34679", "۳۴۶۷۹")),
            wide="".join(chr(ord(one) + 0xFEE0) for one in code),
            dashes=code.replace("-", " – "),
        )
        assert codes.parse(given) == code, given


@pytest.mark.parametrize(
    "text",
    [
        "",
        "1",
        "اريد محامي",
        "where is my request",
        "K7MX",
        "0" * 5000,
        "-" * 5000,
        "K" * 5000,
        "K " * 900,
        "\ud800",
        "\0",
    ],
)
def test_what_holds_no_code_gives_none(text: str) -> None:
    assert codes.parse(text) is None


def test_a_code_inside_a_longer_word_is_none() -> None:
    for code in CODES[:50]:
        for longer in (f"X{code}", f"{code}9", f"{code}Z"):
            assert codes.parse(longer) != code


def test_noise_never_breaks_it() -> None:
    random = Random(7)
    for _ in range(300):
        text = "".join(random.choice(codes.ALPHABET + " -اب٣٤زOI0\u200f") for _ in range(random.randrange(60)))
        found = codes.parse(text)
        assert found is None or codes.is_right(found.replace("-", ""))
