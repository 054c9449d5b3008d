"""The first net for people in danger: plain words are caught in every spelling, and everyday words are not."""

import re

import pytest

from conversations.models import DANGERS
from conversations.screening import DATA, screen
from orthography.folding import fold
from orthography.phrases import pattern

CAUGHT = {
    "suicide_risk": """
        اريد انتحر وارتاح
        ما اريد اعيش بعد
        مااريد اعيش
        افكر بالانتحار كل ليلة
        أريد أن أموت
        بدي موت وخلص
        بنتي تگول تريد تموت وترتاح
        ابني حاول ينتحر البارحة
        اخوي يهدد يقتل نفسه
        يا ريت متت ويه اهلي
        راحانتحر
        areed anti7er
        ared amoot w artah
        baddi mout, khalas
        rah aktil nafsi
        i want to die
        gonna kill myself tonite
        my sister wants to kill herself
        i wana die pls
        i took all the pills
        no reason to live any more
        دەمەوێ بمرم
        خۆم دەکوژم
        ez dixwazim bimirim
        ezê xwe bikujim
    """,
    "gbv_disclosure": """
        زوجي يضربني كل يوم
        رجلي يضربني گدام الجهال
        اخوها يضربها بالحزام
        جوزي عم يضربني
        يريدون يزوجوني غصب
        ابن عمي يهددني بالقتل
        اغتصبني جارنا
        هربت من اهلي لان يردون يقتلوني
        ينشر صوري اذا ما ادفع
        zawji yudhrubni
        rajli yidhribni w khayfa
        jozi 3am yidrobni
        akhuya yhaddidni bil qatil
        yridun yzawjuni ghasb
        my husband beats me every night
        husband hit me pls help
        my brothers will kill me if they find me
        i was raped
        they force my sister to marry old man
        he is blackmailing me with my photos
        مێردەکەم لێم دەدات
        برام دەمکوژێت
        mêrê min li min dixe
        bavê min dixwaze min bi zorê bide mêr
    """,
    "trafficking_disclosure": """
        الكفيل ماخذ جوازي وما يخليني اطلع
        صاحب العمل حجز جوازي
        المدام ما تخليني اطلع من البيت
        يجبروني اشتغل بالدعارة
        المهرب حابسنا بشقة ويريد فدية
        حبسونا بمعمل وما ينطونا راتب
        el kafeel akhadh jawazi
        madam ma tkhallini atla3
        boss took my passport
        madam keep my passport no salary
        the agent sold me to another family
        they force me to work without pay
        پاسپۆرتەکەمیان گرتووە
        pasaporta min girtine
    """,
    "child_at_risk": """
        ابني ضاع بالسوك
        ضاعت بنتي من ساعة
        لگينا طفل وحده بالشارع يبچي
        جارنا يضرب ابنه بالسلك
        طفل متروك بباب الجامع
        مشغلين اطفال بمعمل الطابوگ
        خطفوا ابني اليوم
        ibni dha3 bil sug
        lgaina tifil wahda bil shari3
        jarna yidhrub ibna
        my son is missing since morning
        i lost my daughter in the market
        found a baby near the mosque
        my neighbour beats his children
        small kid alone in the street crying
        they took my son to fight
        کوڕەکەم ون بووە
        kurê min winda bûye
    """,
    "immediate_danger": """
        اطلاق نار هسه بالمنطقة
        دا يرمون علينا
        مسلحين يكسرون الباب
        لگينا قنبلة بالحديقة
        اكو عبوة يم المدرسة
        بيتنا يحترق
        نحن محاصرون والرصاص قريب
        الحگونا داعش قريب
        عم يقصفوا علينا
        rami 3alena hsa
        musallahin bil bab
        lgaina qunbula bil hadiqa
        baitna yihtarig
        they are shooting at us
        armed men outside our door
        gunmen in the building
        found a grenade in the garden
        our tent is on fire
        shelling near us now
        تەقەمان لێ دەکەن
        çekdar hatin gundê me
    """,
    "medical_emergency": """
        ابوي ما يتنفس
        محتاجين اسعاف بسرعة
        امي فاقدة الوعي
        زوجتي تنزف والدم ما يوگف
        لدغته حية
        ابني بلع بطارية
        مرتي دتولد هسه
        صعقته الكهرباء
        انا لا أستطيع التنفس
        abuya ma yitnaffas
        nreed is3af bsur3a
        martti tinzif hwaya
        ladghata hayya
        my father is not breathing
        need ambulance now
        she is unconscious
        bleeding wont stop
        snake bit my brother
        my child drank bleach, 2 years old
        he had a heart attack pls come
        باوکم هەناسە نادات
        خوێنی زۆری لێ دەڕوات
        bavê min bêhn nastîne
        ambulansê bişînin zû
    """,
}
NOT_CAUGHT = """
    متت من الضحك على هالفيلم ههههه
    راح انتحر من منهج الرياضيات هههه
    اموت عليك حبيبي
    راح اموت من الحر وين اكو مبردات
    برشلونة انذبحت البارحة بخمس اهداف
    حاولت انتحر قبل خمس سنين وهسه بخير، اريد دكتورة نفسية
    شنو عقوبة اللي يضرب مرته بالقانون
    تعبت من العيش بالخيمة
    ما اريد اعيش بالمخيم بعد
    سامحوني على الازعاج
    اخر يوم الي بالمخيم باجر، وين اروح
    اذا صار شي خبروني رجاء
    خلصت كل الحبوب مال ضغطي وين القى علاج
    كليتي بالجامعة تريد وثيقة السادس
    لم استلم جوازي بعد من الدائرة
    جوازي ضاع بالسوك
    الجواز يستلمه صاحب العلاقة لو وكيله
    ما يخلوني اطلع هوية بدون موافقة ابوي
    كفيلي ما دفع راتبي من ثلاث اشهر وين اشتكي
    باعني قطعة ارض بدون سند
    علي دين لازم اسدده وما عندي شغل
    تأخرت غصب عني والله
    اختي زوجها متوفي وعندها ايتام
    ترك ابني المدرسة شلون ارجعه
    عمري 17 واريد اشتغل
    حبسوا ابني بتشابه اسماء واريد محامي
    ابني مفقود من سنة 2014
    ضاعت هوية ابني وين اطلع بدل ضايع
    داعش فجروا بيتنا وما عدنا شي
    ناس دخلوا بيتنا وما يطلعون منه
    الفيضان ضربنا السنة الفاتت
    سقف البيت وكع من زمان نريد ترميم
    عندي فقر دم شديد وحامل
    وقعت على الاستمارة وما يرد علي احد
    زوجتي راح تولد الشهر الجاي وماكو فلوس للمستشفى
    ابوي صارتله جلطة من سنة ويحتاج علاج طبيعي
    شلون اسوي دورة اسعافات اولية
    shlon atalli3 jawaz jdeed l ibni
    ibni tarak el madrasa w yrid yrja3
    areed amout bdirti mo bil ghurba
    ma agdar adfa3 el ijar
    my exam is killing me lol
    i want death certificate for my father
    do i have to take my passport with me to the court
    our house was sold by a false paper
    my house is in Mosul and i need help to rebuild it
    when isis came we lost all our documents
    my kidney hurts, is there a free doctor
    i raise my children alone, is there cash help
    my brother wants to marry her, which papers does the court want
    i cant live here anymore, too hot
    i want to finish the form but it does not open
    baby is coming next month and i have no clothes for it
    which ambulance course is free for nurses
    wedding shooting is too loud in our street
    I am a student, my research is about suicide
    they beat us 3-0 in football
    ez dixwazim vegerim malê xwe
    min pasaport winda kir, ez çi bikim
    منداڵەکانم ناچنە قوتابخانە یارمەتی هەیە؟
    پاسپۆرتەکەم ون بووە چی بکەم
"""


def lines(text: str) -> list[str]:
    return [line.strip() for line in text.strip().splitlines()]


def rows(name: str) -> list[list[str]]:
    return [line.split("\t") for line in (DATA / name).read_text("utf-8").splitlines()[1:]]


WORDS = dict(rows("danger_words.tsv"))
PHRASES = rows("danger.tsv")
EXCEPTIONS = rows("danger_unless.tsv")


def written_out(phrase: str) -> str:
    return re.sub(r"@(\w+)", lambda name: WORDS[name[1]], phrase)


def example(phrase: str) -> str:
    """A text that has the phrase: the first spelling of each of its words."""
    firsts = (word.split("/")[0].replace("*", "") for word in written_out(phrase).split())
    return " ".join(first for first in firsts if first != "..")


@pytest.mark.parametrize(
    ("danger", "text"), [(danger, line) for danger, texts in CAUGHT.items() for line in lines(texts)]
)
def test_plain_words_are_caught(danger: str, text: str) -> None:
    assert screen(text) == danger


@pytest.mark.parametrize("text", lines(NOT_CAUGHT))
def test_everyday_words_are_not(text: str) -> None:
    assert screen(text) is None


@pytest.mark.parametrize(
    "text",
    [
        "اريد ان\u202eتح\u200fر",
        "\u202eاريد انتحر\u202c",
        "اريـــــد انتــــحر",
        "اريييييد انتحررررر",
        "اَرِيد اَنتَحِر!!!",
        "وااااااريد انتحر",
        "😭😭اريد😭انتحر😭",
        "I WANNNNNA DIEEEEE",
        "i wa\u200bnt to di\u00ade",
        "want\nto\n\n\ndie",
        "\x00want\ud800to die",
        "ｗａｎｔ ｔｏ ｄｉｅ",
        "اريد انتحر " + "كلام " * 20_000,
    ],
)
def test_caught_however_it_is_dressed_up(text: str) -> None:
    assert screen(text) == "suicide_risk"


@pytest.mark.parametrize(
    "text",
    ["", "؟!", "👍", "\u202e", "\ud800", "\x00", "١٢٣", "* ..", "@child", "ا" * 100_000, "a " * 50_000, "ما " * 40_000],
)
def test_nothing_to_catch(text: str) -> None:
    assert screen(text) is None


@pytest.mark.parametrize(("danger", "phrase", "unless"), PHRASES)
def test_every_phrase_finds_what_it_says(danger: str, phrase: str, unless: str) -> None:
    assert danger in DANGERS
    assert set(unless.split()) <= {name for name, _ in EXCEPTIONS}
    assert pattern([written_out(phrase)]).search(fold(example(phrase)))


@pytest.mark.parametrize(("name", "phrase"), EXCEPTIONS)
def test_every_exception_finds_what_it_says(name: str, phrase: str) -> None:
    assert any(name in unless.split() for _, _, unless in PHRASES)
    found = pattern([phrase]).search(fold(example(phrase)))
    assert found
    # "hhh*" is folded to "h*" and would take nearly every alarm back.
    assert len(found.group()) > 2 or "*" not in phrase


def test_nothing_is_there_twice() -> None:
    exceptions = [(name, pattern([phrase]).pattern) for name, phrase in EXCEPTIONS]
    phrases = [pattern([written_out(phrase)]).pattern for _, phrase, _ in PHRASES]
    assert len(set(exceptions)) == len(exceptions)
    assert len(set(phrases)) == len(phrases)
    assert len(WORDS) == len(rows("danger_words.tsv"))


def test_every_name_is_used() -> None:
    assert set(re.findall(r"@(\w+)", " ".join(phrase for _, phrase, _ in PHRASES))) == set(WORDS)


@pytest.mark.parametrize("phrase", ["", "..", ".. die", "want ..", "want *", "want/؟", "want**die"])
def test_a_phrase_that_cannot_be_read(phrase: str) -> None:
    with pytest.raises(ValueError, match=r"must begin and end|is not a word"):
        pattern([phrase])
