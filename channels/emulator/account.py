"""Who may use the Twilio REST interface: the one account, by basic authentication."""

import base64
import binascii
import secrets

from fastapi import Request

from channels.emulator.errors import TwilioError
from channels.emulator.outside import TheWorld


def check_account(request: Request, world: TheWorld) -> None:
    """Refuse anyone but the account itself; the account in the path must be the same one."""
    expected = f"{world.config.account_sid}:{world.config.auth_token}".encode()
    scheme, _, given = request.headers.get("Authorization", "").partition(" ")
    try:
        credentials = base64.b64decode(given, validate=True)
    except (binascii.Error, ValueError):
        credentials = b""
    if scheme.lower() != "basic" or not secrets.compare_digest(credentials, expected):
        raise TwilioError(20003)
    if request.path_params.get("account_sid", world.config.account_sid) != world.config.account_sid:
        raise TwilioError(20003)
