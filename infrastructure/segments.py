"""How many SMS parts a text costs: GSM-7 packs 160 characters (153 a part when split), anything else 70 (67).

Source: 3GPP TS 23.038 (alphabet and extension table), TS 23.040 (concatenation header).
"""

import math

GSM_BASIC = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
GSM_EXTENDED = frozenset("^{}\\[~]|€\f")


def is_gsm(text: str) -> bool:
    """Whether the whole text fits the GSM-7 alphabet; one character outside it turns the message to UCS-2."""
    return all(c in GSM_BASIC or c in GSM_EXTENDED for c in text)


def parts(text: str) -> int:
    """SMS parts of a text; 0 for an empty one. UCS-2 counts UTF-16 units, so most emoji take two."""
    if is_gsm(text):
        units, single, joined = len(text) + sum(c in GSM_EXTENDED for c in text), 160, 153
    else:
        units, single, joined = len(text.encode("utf-16-le", "surrogatepass")) // 2, 70, 67
    return math.ceil(units / (single if units <= single else joined))
