"""What must not leak does not: after a conversation, numbers and words are nowhere in the clear on disk."""

from pathlib import Path

import pytest

from tests.phone import Phone
from tests.stack import Stack

WORDS = "زوجتي هيفاء تسكن شارع النخيل الازرق وتحتاج طبيب بالموصل"


@pytest.fixture
def talked(phone: Phone) -> Phone:
    phone.texts(WORDS)
    phone.receives("الموصل")
    return phone


def test_logs_hold_neither_numbers_nor_words(stack: Stack, talked: Phone) -> None:
    logs = list((stack.home / "logs").glob("*.log"))
    assert {"web.log", "worker.log", "rasa.log", "actions.log"} <= {log.name for log in logs}
    for log in logs:
        text = log.read_text("utf-8", "replace")
        for secret in (talked.number, talked.number.removeprefix("+"), "هيفاء", "النخيل"):
            assert secret not in text, log.name


def test_the_database_files_hold_neither(stack: Stack, talked: Phone) -> None:
    files = [path for path in (stack.home / "postgres").rglob("*") if path.is_file()]
    assert len(files) > 100
    for secret in (talked.number.removeprefix("+").encode(), "هيفاء".encode(), "النخيل".encode()):
        assert not [file.name for file in files if secret in file.read_bytes()]


def test_what_we_write_is_closed_to_others(stack: Stack) -> None:
    def open_to_others(path: Path) -> bool:
        return bool(path.stat().st_mode & 0o044)

    assert not open_to_others(stack.home / "secret")
    assert not open_to_others(stack.home / "valkey")
    assert not [log.name for log in (stack.home / "logs").iterdir() if open_to_others(log)]
