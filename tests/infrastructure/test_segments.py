"""SMS parts, at both edges of every boundary."""

import pytest

from infrastructure.segments import is_gsm, parts


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("", 0, id="nothing"),
        pytest.param("a" * 160, 1, id="GSM-7, one full part"),
        pytest.param("a" * 161, 2, id="GSM-7, one over"),
        pytest.param("a" * 306, 2, id="GSM-7, two full parts"),
        pytest.param("a" * 307, 3, id="GSM-7, two and one over"),
        pytest.param("€" * 80, 1, id="extension characters take two"),
        pytest.param("€" * 81, 2, id="extension characters, one over"),
        pytest.param("ع" * 70, 1, id="UCS-2, one full part"),
        pytest.param("ع" * 71, 2, id="UCS-2, one over"),
        pytest.param("ع" * 201, 3, id="UCS-2, three full parts"),
        pytest.param("ع" * 202, 4, id="UCS-2, three and one over"),
        pytest.param("😀" * 35, 1, id="an emoji takes two units"),
        pytest.param("😀" * 36, 2, id="emoji, one over"),
        pytest.param("a" * 70 + "’", 2, id="one curly quote turns the whole text"),
        pytest.param("\ud800", 1, id="half an emoji is counted, not refused"),
    ],
)
def test_parts(text: str, expected: int) -> None:
    assert parts(text) == expected


def test_gsm_alphabet() -> None:
    assert is_gsm("Tel: +44 7700 900123 @ 9-15 (Sun)\n")
    assert not is_gsm("naïve – no")
