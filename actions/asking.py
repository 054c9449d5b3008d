"""What a question says besides its need and place, in plain words: who asks, for whom, whether it must be open now."""

from functools import cache
from re import Pattern
from typing import Literal

from orthography.folding import fold
from orthography.phrases import pattern

# Codes of `directory.records.STATUSES_OF_PEOPLE`. Only statuses: of a mother asking for her son, "woman" is half of it.
STATUSES: dict[str, tuple[str, ...]] = {
    "idp": (
        "نازح*/نازحه/نازحين/نازحات/مهجر*/مهجرين",
        "displaced",
        "idp/idps",
        "nazi7*/nazih*/nazheen/muhajjar*",
    ),
    "returnee": ("عائد*/عايد*/عائدين/راجعين/العائدين", "returnee/returnees", "3aid*/raji3een/raj3een"),
    "refugee": ("لاجئ*/لاجي*/لاجئين/لاجيين", "refugee/refugees", "laji2*/laj2*/lajee*/lajiin"),
    "migrant": ("مهاجر*/مهاجرين", "migrant/migrants/immigrant", "muhajir*/mohajir*"),
}
OPEN_NOW = (
    "فاتح/فاتحين/مفتوح/مفتوحة/مداوم/مداومين هسه/هسة/الان/الحين/حاليا/اليوم",
    "هسه/هسة/الان/الحين فاتح/فاتحين/مفتوح/مفتوحة/مداوم/مداومين",
    "open now/today/tonight/still",
    "still/now open",
    "fat7/fati7/fathin/maftoo7/maftuh/mdawmin/mdawim hassa/hessa/hasa/alyom/elyom",
)

# Special cases of a procedure (`directory.topics.SITUATIONS`) as people put them, above all when they ask on: "and for
# my son?"; the first that fits comes first.
SITUATIONS: dict[str, tuple[str, ...]] = {
    "issued_under_isil": (
        # Of papers only: that a house was destroyed then is another matter.
        "ورق*/اوراق/اوراقي/عقد*/بيان*/شهادة/شهادته/هوية/هويته/مستمسك*/طلع*/صادر*/مسجل* .. داعش/بداعش/الدواعش/التنظيم",
        "وقت/زمن/ايام داعش/الدواعش .. ورق*/اوراق/عقد*/بيان*/شهادة/مستمسك*",
        "paper/papers/certificate/contract/document/documents/issued/card .. isis/isil/daesh/daish",
        "isis/isil/daesh/daish paper/papers/certificate/contract/document/documents",
        "awraq/waraq/3aqd/mustamsak* .. da3ish/daish/daaish",
    ),
    "child_without_papers": (
        "ابني/بنتي/طفل*/الطفل/الاطفال/ولدي/جهال*/اطفالي .. بدون/بلا/ماعنده*/ما",
        "بدون/بلا بيان/شهادة/اوراق/مستمسكات",
        "child/son/daughter/kid/kids/baby .. no/without/never/not",
        "ibni/binti/tifl* .. bidun/bila/ma",
    ),
    "child": (
        "ابني/لابني/ولابني/بنتي/لبنتي/طفلي/لطفلي/لطفل/للطفل/للاطفال/لولدي/ولدي/جهالي/لجهالي/اطفالي/لاطفالي/القاصر/للقاصر",
        "my son/daughter/child/kid/kids/children/baby",
        "for a child/children/kid/kids",
        "ibni/libni/binti/libinti/tifli/wildi/atfali/jahali",
    ),
    "displaced": (
        "نازح*/نازحه/نازحين/نازحات/مهجر*/مهجرين",
        "displaced",
        "idp/idps",
        "nazi7*/nazih*/nazheen/muhajjar*",
        "غير/بغير/محافظة محافظة/محافظتي/ثانية/اخرى",
        "another/other/different governorate/province",
    ),
    "abroad": (
        "بالخارج/خارج/برا/بره العراق/البلد/البلاد/الوطن",
        "اني/انا/احنا/ابني/زوجي بالخارج/برا/بره/مغترب*/بالمانيا/بتركيا/بالاردن/بسوريا/بلبنان/بايران",
        "abroad/overseas",
        "outside iraq",
        "in germany/turkey/jordan/syria/lebanon/iran/sweden/greece",
        "bil kharij/5arij/kharej",
        "barra/bara il/el 3iraq/iraq",
    ),
    "foreigner": (
        "اجنبي*/اجنبيه/الاجانب/اجانب",
        "مو عراقي*",
        "سوري/سورية/سوريه/سوريين/سودان*/بنگال*/باكستان*/مصري*/ايران*",
        "foreigner*/syrian*/sudanese/bangladeshi*/pakistani*/egyptian*",
        "not iraqi",
        "ajnabi*/suri*/ajanib",
    ),
    "lost": ("ضاع*/ضايع*/ضيعت*/فقدت*/انسرق*/انباگ*", "lost/stolen", "tha3*/tha2i3/daya3*/dhaya3*/dha3*"),
    "damaged": (
        "تلف*/تالف*/انحرگ*/احترق*/محروق*/انشگ*/ممزق*/تمزق*/تبلل*/انكسر*",
        "burned/burnt/torn/damaged/wet/broken/destroyed",
        "in7rag*/inharag*/talif*",
    ),
}
# Pieces of an answer (`directory.telling`) in the words of who asks on about it.
PIECES: dict[str, tuple[str, ...]] = {
    "cost": (
        "شكد/شگد/بشكد/بشگد/ابيش/بيش/بكم/كم .. يكلف/تكلف/كلفته/كلفتها/السعر/سعره/الرسوم/رسوم/يسوى/ادفع/يصير",
        "الكلفة/كلفة/الرسوم/السعر/فلوس/مجاني/مجانا/ببلاش/بلاش",
        "how much",
        "cost*/fee/fees/price/free",
        "shgad/shkad/shkd yikalif/ykalif/tkalif/yklf/floos/flus",
        "beesh/bish/bikam",
    ),
    "requirements": (
        "شنو/شني/شو/ماذا اجيب/يحتاج/تحتاج/احتاج/المطلوب/يريدون/لازم/اخذ",
        "المستمسكات/الاوراق المطلوبة/اللازمة",
        "what .. bring/need/papers/documents",
        "shinu/shno ajeeb/ajib/a7taj/ahtaj/ye7taj",
    ),
    "duration": (
        "شكد/شگد/كم يطول/تطول/ياخذ/تاخذ/يوم/وقت/مدة",
        "شوكت/شوقت/متى يطلع/تطلع/يخلص/تخلص/يجهز",
        "how long",
        "when .. ready",
        "shgad/shkad yitawil/ytawel/tawel/tawil/tatawel/yakhith/yakhuth/takhuth",
    ),
    "where": ("وين/فين/اين", "where", "wen/wain/wein"),
    "hours": (
        "شوكت/شوقت/متى/يمتى/ساعة/وقت يفتح*/تفتح*/فاتح*/يداوم*/دوام*/الدوام/مداوم*",
        "دوام*/الدوام/ساعات",
        "when .. open/close/opens/closes",
        "what time",
        "opening hours/times",
        "hours",
        "shwakit/shwaqt/yimta .. yifta7*/yefta7*/dawam*",
    ),
    "phone": ("رقم*/الرقم/تلفون*/هاتف*/موبايل*", "phone/number/telephone/call", "raqam*/rakam*/telefon*"),
    "steps": ("شلون/كيف/الخطوات/خطوات", "how do/can/to", "steps", "shlon/shloon/chlon"),
    "eligibility": ("منو/مين/لمن يستحق/يحق/مشمول*", "شروط/الشروط", "who can/gets/qualifies", "eligible"),
}
# The same, where the word is all of the text: «متى؟».
ALONE: dict[str, tuple[str, ...]] = {
    "cost": ("شكد/شگد/بشكد/بشگد/بيش/ابيش/بكم/كم", "shgad/shkad/shkd/beesh/bish/bikam"),
    "hours": ("متى/شوكت/شوقت/يمتى/اشوكت", "when", "shwakit/shwaqt/shwakt/yimta/imta"),
}
# Who asks what something is, or how one gets it, isn't looking for an address.
EXPLAINED = (
    "شنو/شني/شو/ماهو/ماهي/ايش هو/هي/هذا/هذه/يعني/برنامج/مشروع/منحة",
    "شنو/ماذا يعني/معنى/قصة/موضوع",
    "منو/مين/لمن يستحق/يحق/مشمول*",
    "شروط/الشروط/معلومات/تفاصيل",
    "شلون/كيف اقدم/نقدم/اسجل/نسجل/التقديم/التسجيل/يشتغل",
    "احجيلي/احكيلي/اشرحلي/فهمني عن/على",
    "what is/are/does/do",
    "what's/whats",
    "tell me about",
    "who can/gets/qualifies",
    "how do i/we apply/register/get/join",
    "how can i/we apply/register/get/join",
    "how to apply/register/get/join",
    "conditions/eligibility/information/info/details",
    "shinu/shno/shnu hwa/hiya/huwa/ya3ni/barnamij/minhat",
    "shlon aqadim/agadim/asajil",
)
# Of a referral whose code stands beside it.
TAKEN_BACK = (
    "الغ*/يلغ*/تلغ*/نلغ*/اسحب*/سحب*/وقف*/اوقف*/بطلت/ما اريد*/اريده",
    "cancel*/withdraw*/stop/delete/remove",
    "take back",
    "alghi/algi/ilghi/il8i/sa7b/as7ab/ashab",
)
# Who helps with what was just told.
WHO_HELPS = (
    "منو/مين/احد/اكو/محد/من يساعدني/يساعدنا/يساعد/يعاونني/يعاوني",
    "who/anybody/anyone/somebody/someone can/could/will help",
    "who helps",
    "help me/us with/here/near",
    "minu/mnu ysa3idni/ysaadni/isa3idni/ysa3id*",
)
# Those that were spoken of, by no name: «وينهم بدهوك؟».
THEM = (
    "وينهم/مكتبهم/مكانهم/فرعهم/مقرهم/عنوانهم/مكاتبهم/فروعهم",
    "عندهم/الهم مكتب/فرع/مقر/مكان",
    "where are they in/near/at",
    "are they in/near/open",
    "do they have/work",
    "their office/offices/branch/address/place",
    "wenhum/wainhum/waynhum/winhum/maktabhum/far3hum",
    "3idhum/3indhum/3edhum maktab/far3/maqar",
)
SHORT = 6
# No more words than these, a place among them, say only "and there?".
AND_THERE = 3
# How a question begins that goes on with the one before: "and for my son?".
GOING_ON = (
    "و/ولابني/ولبنتي/وللطفل/واذا/ولو/وبالنسبه",
    "شنو/ماذا/شلون عن/اذا/لو",
    "اذا/لو/زين/طيب",
    "and/what/but for/about/if/in/my/near/when",
    "w/wa/law/etha/idha",
)


def status_of(text: str) -> list[str]:
    """Who asks, as far as a text says so."""
    folded = fold(text[:500])
    return [status for status, found in _compiled("statuses").items() if found.search(folded)]


def situations_of(text: str) -> list[str]:
    """The special cases that a text speaks of."""
    folded = fold(text[:500])
    return [situation for situation, found in _compiled("situations").items() if found.search(folded)]


def pieces_of(text: str) -> list[str]:
    """The pieces of an answer that a text asks for."""
    folded = fold(text[:500])
    alone = [piece for piece, found in _compiled("alone").items() if found.fullmatch(folded)]
    return alone or [piece for piece, found in _compiled("pieces").items() if found.search(folded)]


def wants_explained(text: str) -> bool:
    """Whether somebody asks what a programme is, for whom, or how one applies."""
    return bool(_explained().search(fold(text[:500])))


def wants_help_with_it(text: str) -> bool:
    """Whether a short text asks who helps, without saying with what."""
    folded = fold(text[:100])
    return len(folded.split()) <= SHORT and bool(_who_helps().search(folded))


def goes_on(text: str) -> bool:
    """Whether a short text goes on with what was spoken of."""
    folded = fold(text[:100])
    found = _going_on().match(folded)
    return bool(found) and len(folded.split()) <= SHORT


def asks_there(text: str) -> bool:
    """Whether a short text with a place in it asks for what was spoken of there: «وينهم بدهوك؟», "and in Mosul?".

    What "they" did there is another matter.
    """
    folded = fold(text[:100])
    length = len(folded.split())
    return (length <= SHORT and bool(_them().search(folded))) or (length <= AND_THERE and goes_on(text))


def takes_back(text: str) -> bool:
    """Whether a text that names a referral takes it back."""
    return bool(_taken_back().search(fold(text[:500])))


def wants_open(text: str) -> bool:
    """Whether somebody looks for what is open at this moment."""
    return bool(_open_now().search(fold(text[:500])))


@cache
def _compiled(what: Literal["statuses", "situations", "pieces", "alone"]) -> dict[str, Pattern[str]]:
    of = {"statuses": STATUSES, "situations": SITUATIONS, "pieces": PIECES, "alone": ALONE}[what]
    return {code: pattern(phrases) for code, phrases in of.items()}


@cache
def _open_now() -> Pattern[str]:
    return pattern(OPEN_NOW)


@cache
def _explained() -> Pattern[str]:
    return pattern(EXPLAINED)


@cache
def _taken_back() -> Pattern[str]:
    return pattern(TAKEN_BACK)


@cache
def _going_on() -> Pattern[str]:
    return pattern(GOING_ON)


@cache
def _them() -> Pattern[str]:
    return pattern(THEM)


@cache
def _who_helps() -> Pattern[str]:
    return pattern(WHO_HELPS)
