"""What people send besides words: where a message's pictures, voice notes and files are, and who can fetch them."""

import json
from dataclasses import dataclass
from typing import Protocol

from conversations.models import Message

# WhatsApp takes no more; MMS far less.
MOST_BYTES = 16 * 1024 * 1024


@dataclass(frozen=True)
class File:
    """A file as the provider keeps it."""

    content_type: str
    content: bytes


class Files(Protocol):
    """The provider's store of what people sent."""

    async def fetch(self, url: str) -> File:
        """The file at an address of the provider's; raises NotOurs, Gone, TooLarge or NotFetched."""


class NotFetched(Exception):
    """The provider didn't give the file; another time it may."""


class NotOurs(Exception):
    """An address that isn't the provider's: our credentials don't go there."""


class Gone(Exception):
    """The provider has it no longer."""


class TooLarge(Exception):
    """More than any channel takes."""


def addresses(message: Message) -> list[str]:
    """Where the files of a message are, in their order."""
    return [item["url"] for item in json.loads(message.media)] if message.media else []
