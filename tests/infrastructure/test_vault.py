"""What is sealed stays sealed."""

from pathlib import Path

import pytest
from cryptography.exceptions import InvalidTag

from infrastructure.vault import MISCONDUCT, Vault, derive, master_secret


def test_a_text_comes_back_and_looks_different_each_time() -> None:
    vault = Vault("a secret")
    sealed, again = vault.seal("+9647700000001 مرحبا"), vault.seal("+9647700000001 مرحبا")
    assert vault.open(sealed) == vault.open(again) == "+9647700000001 مرحبا"
    assert sealed != again
    assert b"964" not in sealed


def test_another_secret_opens_nothing() -> None:
    with pytest.raises(InvalidTag):
        Vault("another secret").open(Vault("a secret").seal("مرحبا"))


def test_changed_bytes_are_noticed() -> None:
    vault = Vault("a secret")
    sealed = bytearray(vault.seal("مرحبا"))
    sealed[-1] ^= 1
    with pytest.raises(InvalidTag):
        vault.open(bytes(sealed))


def test_fingerprints_find_equal_texts_only_under_one_secret() -> None:
    vault = Vault("a secret")
    assert vault.fingerprint("+9647700000001") == vault.fingerprint("+9647700000001")
    assert vault.fingerprint("+9647700000001") != vault.fingerprint("+9647700000002")
    assert vault.fingerprint("+9647700000001") != Vault("another").fingerprint("+9647700000001")


def test_each_purpose_has_its_own_key() -> None:
    assert derive("a secret", "one") != derive("a secret", "two")


def test_what_is_sealed_for_one_purpose_another_does_not_open() -> None:
    vault = Vault("a secret")
    assert vault.open(vault.seal("words", MISCONDUCT), MISCONDUCT) == "words"
    with pytest.raises(InvalidTag):
        vault.open(vault.seal("words", MISCONDUCT))
    with pytest.raises(InvalidTag):
        vault.open(vault.seal("words"), MISCONDUCT)


def test_a_secret_is_made_once_and_for_its_owner_only(tmp_path: Path) -> None:
    made = master_secret(None, tmp_path / "home")
    assert len(made) >= 64
    assert master_secret(None, tmp_path / "home") == made
    assert (tmp_path / "home" / "secret").stat().st_mode & 0o077 == 0


def test_a_configured_secret_wins(tmp_path: Path) -> None:
    assert master_secret("configured", tmp_path) == "configured"
    assert not (tmp_path / "secret").exists()


def test_a_damaged_secret_is_refused(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("")
    with pytest.raises(ValueError, match="damaged"):
        master_secret(None, tmp_path)
