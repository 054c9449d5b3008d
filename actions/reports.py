"""What somebody says went wrong with a service they were told of: words from which a report is made.

Only plain words count; whatever else is said about a service, a person reads.
"""

from functools import cache
from re import Pattern

from orthography.folding import fold
from orthography.phrases import pattern

# Reasons of `directory.models.REASONS` with the phrases that tell them (orthography.phrases), the first that fits wins:
# a telephone that is closed is not an office that is.
PHRASES: dict[str, tuple[str, ...]] = {
    "wrong_number": (
        "الرقم/رقم/رقمهم/التلفون/تلفون/تلفونهم/النمرة/الخط .. غلط/خطا/مغلق/مسدود/مقفل/مقفول/معطل/مقطوع",
        "رقم/الرقم .. غير/مو/مو صح/صحيح",
        "هالرقم/الرقم مو الهم/الن/مالهم",
        "خارج الخدمة",
        "الرقمغلط",
        "يرن ومحد/وما يرد",
        "محد/ماحد يرد/يجاوب/يشيل/رد/جاوب",
        "ما يرد*/يجاوب*/يشيل*/يدگ",
        "لا احد يجيب/يرد",
        "يسدون/سد/سدت/قفل التلفون/الخط/السماعة",
        "كلها مشغول",
        "number/numbr/num/phone/line/telephone .. wrong/worng/dead/off/closed/fake/not",
        "number/phone .. belong*/for .. other/else/dentist/man",
        "not/doesn't/doesnt/dont .. work*",
        "switch*/turned off",
        "wrong number",
        "nobody/noone/no1/none answer*/ansers/pick*/reply",
        "nobody pick* up",
        "rings out",
        "raqam/rakam/ra8am/rqm/rqmhm/telefon/talafon/tilifon .. ghalat/ghlt/galat/8alat/mughlaq/mghlq/msakkar/maqful",
        "mahad/mhd/ma7ad yrid/yrd/yrod/yjawib/yshil/radd",
        "ma yrid*/yrd*/yjawb*/yshil*",
        "ژمارەکە هەڵەیە/هەڵە",
        "hejmar* .. xelet",
    ),
    "wrong_hours": (
        "الدوام/دوامهم/الاوقات/اوقات/المواعيد/مواعيد/الوقت .. غلط/غير/مو",
        "hours/time/times .. wrong",
        "dawam* .. ghalat/ghlt/mu",
    ),
    "wrong_address": (
        "العنوان/عنوان/عنوانكم/الموقع/الخريطة/الخارطة .. غلط/خطا/قديم/مو/موصحيح/غير/ودا*",
        "العنوان .. وجود",
        "ماكو هيچ مكان/مكتب/مركز/اسم",
        "ما لگيت*/لكيت*",
        "نقلوا/انتقل*/نقلت/شالوا",
        "address/pin/location/map/place .. wrong/off/old/exist/empty",
        "wrong place/address",
        "not exist",
        "moved out/away",
        "no office",
        "3nwan/inwan/3inwan/enwan .. ghalat/ghlt/qadim",
        "ma lgyt/lgeet/laget",
        "maku hich markaz/maktab/mukan",
        "naqlaw/naqalu/nqlo",
    ),
    "refused": (
        "رفضوني/رفضونا/رفضوا/طردوني/طردونا/رجعوني/رجعونا/فرجعوني/گلبوني",
        "ما استقبلوني/استقبلونا/قبلوني/قبلونا/دخلوني/ساعدوني/خلوني/خلاني",
        "مو الكم/النا/شغلنا/مشمول",
        "refused/rejected/turned/sent/send me/us/back/away",
        "turned/sent/send me/us/wife away/back/home",
        "not accept/take/help/let me/us",
        "didn't/didnt/wouldn't/wouldnt help/accept/let/see me/us",
        "not for people/us",
        "rajj3oni/rajj3ona/rafthoni/rafadhoni/rufthoni/tardoni",
        "ma qiblouni/qbloni/kbloni/khallani/khalloni",
        "qebûl nekirim",
    ),
    "closed": (
        "مسدود*/معزل*/مغلق*/مقفول*/مقفل/مسكر*/مسدوودد",
        "سادين/سد/سادة/سادّ",
        "وجدته مغلقا",
        "ماكو احد/واحد",
        "closed/closd/close/shut/locked/lock/padlocked/demolished",
        "masdood*/masdud/msakkar/msaker/msakrin/m3azzel/maqfool/maqful/mahdoom/mzanjal",
        "داخرابوو/داخراوە/داخراوە",
        "girtî bû",
    ),
}


def reason_of(text: str) -> str | None:
    """Why a service was of no use, if a text says it plainly."""
    folded = fold(text[:500])
    return next((reason for reason, found in _patterns().items() if found.search(folded)), None)


@cache
def _patterns() -> dict[str, Pattern[str]]:
    return {reason: pattern(phrases) for reason, phrases in PHRASES.items()}
