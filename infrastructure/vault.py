"""Encryption of what could tell who somebody is or what they said, keyed hashes to find an address again, signatures.

One master secret gives the keys (HKDF-SHA256): AES-256-GCM for values, another one for reports of misconduct,
HMAC-SHA256 for look-ups and for links that we hand out. A copy of the database
alone gives neither numbers nor words; without the secret nothing can be read again, so back it up apart from the data.
"""

import hmac
import os
from contextlib import suppress
from hashlib import sha256
from pathlib import Path
from tempfile import NamedTemporaryFile

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from sqlalchemy import LargeBinary
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeDecorator

NONCE_BYTES = 12
SECRET_LENGTH = 32
# Keys for values: what is sealed with one of them the other doesn't open.
VALUES, MISCONDUCT = "vault values", "misconduct"


class Vault:
    """Seals, opens, fingerprints and signs; built from the master secret."""

    def __init__(self, secret: str) -> None:
        self._ciphers = {purpose: AESGCM(derive(secret, purpose)) for purpose in (VALUES, MISCONDUCT)}
        self._look_up_key = derive(secret, "vault look-up")
        self._signing_key = derive(secret, "vault signatures")

    def seal(self, text: str, purpose: str = VALUES) -> bytes:
        """Encrypt a text; the same text gives different bytes each time."""
        nonce = os.urandom(NONCE_BYTES)
        return nonce + self._ciphers[purpose].encrypt(nonce, text.encode(), None)

    def open(self, sealed: bytes, purpose: str = VALUES) -> str:
        """Decrypt; bytes that were changed or sealed with another secret or key raise cryptography's InvalidTag."""
        return self._ciphers[purpose].decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], None).decode()

    def fingerprint(self, text: str) -> bytes:
        """A keyed hash that finds an equal text and tells nothing about it without the secret."""
        return hmac.digest(self._look_up_key, text.encode(), sha256)

    def sign(self, content: bytes) -> bytes:
        """A signature (32 bytes) that only the secret can make: what comes back with it came from us."""
        return hmac.digest(self._signing_key, content, sha256)


class Sealed(TypeDecorator[str]):
    """A text column that is encrypted on its way to the database. Reading needs `unlock` first: it fails closed."""

    impl = LargeBinary
    cache_ok = True
    vault: Vault | None = None

    def __init__(self, purpose: str = VALUES) -> None:
        super().__init__()
        self.purpose = purpose

    def process_bind_param(self, value: str | None, dialect: Dialect) -> bytes | None:
        return None if value is None else unlocked().seal(value, self.purpose)

    def process_result_value(self, value: bytes | None, dialect: Dialect) -> str | None:
        return None if value is None else unlocked().open(value, self.purpose)


def unlock(secret: str) -> None:
    """Let this process read and write sealed columns."""
    Sealed.vault = Vault(secret)


def unlocked() -> Vault:
    """The process's vault; RuntimeError before `unlock`."""
    if Sealed.vault is None:
        raise RuntimeError("the vault is locked: call vault.unlock(secret) where the process starts")
    return Sealed.vault


def derive(secret: str, purpose: str) -> bytes:
    """A 32-byte key for one purpose; knowing it tells nothing about the master secret or other keys."""
    return HKDF(hashes.SHA256(), 32, salt=None, info=f"daleel {purpose}".encode()).derive(secret.encode())


def master_secret(configured: str | None, home: Path) -> str:
    """The configured secret, or one made at random once and kept in `home/secret`, readable by its owner only."""
    if configured:
        return configured
    file = home / "secret"
    if not file.exists():
        home.mkdir(parents=True, exist_ok=True)
        # Written whole under another name, then linked: whoever comes at the same moment finds all of it or nothing.
        with NamedTemporaryFile("w", dir=home) as made:
            made.write(os.urandom(48).hex())
            made.flush()
            with suppress(FileExistsError):
                os.link(made.name, file)
    secret = file.read_text()
    if len(secret) < SECRET_LENGTH:
        raise ValueError(f"{file} is damaged: put your copy of it back, nothing can be read without it")
    return secret
