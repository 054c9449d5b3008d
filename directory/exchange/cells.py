"""The text of one cell: cleaned when it comes in, harmless in Excel when it goes out."""

import re

# Marks that steer direction or join without being seen: pasted along from chats and web pages, and two texts that
# look the same would differ. ZWNJ is apart: Kurdish and Persian words need it.
_INVISIBLE = re.compile("[\u00ad\u061c\u200b\u200d-\u200f\u202a-\u202e\u2060-\u206f\ufeff]")
_LETTER = "\u0620-\u065f\u066e-\u06d3\u06d5\u06fa-\u06ff\u0750-\u077f"
_STRAY_NON_JOINER = re.compile(f"(?<![{_LETTER}])\u200c|\u200c(?![{_LETTER}])")
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")
_NEWLINE = re.compile(r"\r\n?")
# What a program leaves that could not store Arabic: only question marks, or the sign for a lost letter.
_LOST = re.compile(r"[\s?]*\?{3}[\s?]*|.*\ufffd.*", re.DOTALL)
# Excel and LibreOffice take a cell that begins so for a formula, even in a CSV file (OWASP: CSV injection).
_FORMULA = re.compile(r"[\s']*[=+\-@\t\r＝＋－＠]")


def clean(text: str) -> tuple[str, str | None]:
    """The text without what cannot be seen, and the code of what is wrong with it, if anything."""
    if text.isascii() and text.isprintable():  # nearly all numbers, dates and codes: there is nothing to remove
        cleaned, code = text, None
    else:
        code = "control_characters" if _CONTROL.search(text) else None
        cleaned = _CONTROL.sub("", _NEWLINE.sub("\n", text))
        cleaned = _STRAY_NON_JOINER.sub("", _INVISIBLE.sub("", cleaned))
    cleaned = unguard(cleaned.strip()).strip()
    if "?" in cleaned or "\ufffd" in cleaned:
        code = "garbled" if _LOST.fullmatch(cleaned) else code
    return cleaned, code


def guard(text: str) -> str:
    """The text with an apostrophe before it if a spreadsheet would otherwise run it as a formula."""
    return f"'{text}" if _FORMULA.match(text) else text


def unguard(text: str) -> str:
    """The text without the apostrophe `guard` gave it."""
    return text[1:] if is_guarded(text) else text


def is_guarded(text: str) -> bool:
    """Whether the text begins as `guard` would have left it."""
    return text.startswith("'") and _FORMULA.match(text) is not None
