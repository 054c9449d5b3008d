"""Twilio's signature and the form it covers: https://www.twilio.com/docs/usage/security#validating-requests"""

import base64
import hmac
from hashlib import sha1
from urllib.parse import parse_qsl

from starlette.datastructures import ImmutableMultiDict
from twilio.request_validator import RequestValidator

MAX_FIELDS = 500


def fields(body: bytes) -> ImmutableMultiDict[str, str]:
    """The fields of a form body; bytes that are no text become U+FFFD. ValueError beyond MAX_FIELDS."""
    return ImmutableMultiDict(
        parse_qsl(
            body.decode("utf-8", "replace"),
            keep_blank_values=True,
            errors="replace",
            max_num_fields=MAX_FIELDS,
        )
    )


def is_signed(url: str, body: bytes, signature: str, token: str) -> bool:
    """Whether somebody who knows the token signed this body for this URL. What can't be read isn't signed."""
    try:
        form = fields(body)
    except ValueError:
        return False
    if RequestValidator(token).validate(url, form, signature):
        return True
    # Text that is not Unicode (half an emoji) was signed as the bytes it is, which `fields` could not keep.
    return hmac.compare_digest(_byte_signature(url, body, token), signature.encode())


def _byte_signature(url: str, body: bytes, token: str) -> bytes:
    pairs = parse_qsl(body.decode("latin-1"), keep_blank_values=True, encoding="latin-1")
    signed = url.encode() + "".join(name + value for name, value in sorted(pairs)).encode("latin-1")
    return base64.b64encode(hmac.digest(token.encode(), signed, sha1))
