"""Who asks and whether it must be open now, from plain words."""

import pytest

from actions.asking import asks_there, pieces_of, status_of, wants_open
from actions.reports import reason_of


@pytest.mark.parametrize(
    ("text", "status"),
    [
        ("اني نازح من سنجار واريد محامي", ["idp"]),
        ("I am a refugee from Syria", ["refugee"]),
        ("احنه عائدين جدد لتلعفر", ["returnee"]),
        ("لاجئ سوري ومهاجر سوداني", ["refugee", "migrant"]),
        ("a7na lajiin nreed akil", ["refugee"]),
        ("I need a lawyer", []),
        ("", []),
    ],
)
def test_who_asks(text: str, status: list[str]) -> None:
    assert status_of(text) == status


@pytest.mark.parametrize(
    "text", ["اكو طبيب فاتح هسه بالموصل", "is any clinic open now in Mosul", "منو مداوم اليوم", "fathin hassa?"]
)
def test_what_must_be_open_now(text: str) -> None:
    assert wants_open(text)


@pytest.mark.parametrize("text", ["شوكت يفتحون؟", "when do they open", "open my file", "", "x" * 10_000])
def test_what_need_not(text: str) -> None:
    assert not wants_open(text)


@pytest.mark.parametrize(
    ("text", "pieces"),
    [
        ("متى؟", ["hours"]),
        ("وشوكت", ["hours"]),
        ("when?", ["hours"]),
        ("شگد؟", ["cost"]),
        ("متى نرجع لبيوتنا", []),
        ("when will we go home", []),
    ],
)
def test_one_word_that_asks_for_a_piece(text: str, pieces: list[str]) -> None:
    assert pieces_of(text) == pieces


@pytest.mark.parametrize(
    "text",
    [
        "وينهم بدهوك؟",
        "where are they in Erbil",
        "do they have one in Mosul?",
        "عندهم فرع ببغداد؟",
        "wenhum b duhok",
        "زين وبالبصرة؟",
        "and in Mosul",
    ],
)
def test_what_was_spoken_of_asked_for_there(text: str) -> None:
    assert asks_there(text)


@pytest.mark.parametrize(
    "text",
    [
        "وين اكو طبيب بدهوك",
        "زين منو يوزع بطانيات بدهوك",
        "عندهم سلاح بالموصل",
        "they took my bag in Erbil",
        "where are they taking him, Mosul",
        "هم بالموصل",
        "",
    ],
)
def test_what_says_more_than_there(text: str) -> None:
    assert not asks_there(text)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("رحت لگيته مسدود", "closed"),
        ("التلفون مغلق", "wrong_number"),
        ("nobody picks up the phone", "wrong_number"),
        ("العنوان غلط", "wrong_address"),
        ("ما قبلوني", "refused"),
        ("They turned me away.", "refused"),
        ("الاوقات الي كاتبيها غلط", "wrong_hours"),
        ("they were very kind, thank you", None),
        ("الرز بيه دود", None),
        ("", None),
        ("مسدود " * 10_000, "closed"),
    ],
)
def test_what_went_wrong(text: str, reason: str | None) -> None:
    assert reason_of(text) == reason
