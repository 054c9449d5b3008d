"""What the emulator must know about the product it stands across from."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path


@dataclass(frozen=True)
class EmulatorConfig:
    """Credentials and addresses, the same ones the product is given."""

    account_sid: str
    auth_token: str
    # Our two senders, E.164; the WhatsApp one with or without "whatsapp:".
    sms_number: str
    whatsapp_number: str
    # Where inbound messages are posted, and the exact text that is signed.
    webhook_url: str
    # Where npm puts its packages; without the font in it the page takes the system's.
    assets_path: Path
    # Templates that WhatsApp approved before: their texts by content sid.
    templates: Mapping[str, str] = field(default_factory=dict)
