"""The day: who texts what, what staff do about it, and when pictures are taken."""

import re
from typing import Literal

from demo.camera import Camera
from demo.desks import REFERRALS, REPORTS, Desks
from demo.story import Act, Scene
from demo.texting import Texting

RIGHT_NUMBER = "+447700900199"


class Day:
    """Plays the scenes, each with a phone, the desks and a camera."""

    def __init__(self, emulator: str, desks: Desks, camera: Camera) -> None:
        self._emulator, self._desks, self._camera = emulator, desks, camera

    def play(self) -> list[Scene]:
        """The whole day; returns the scenes in the order in which they are told."""
        abu_ahmed = self._person("abu_ahmed", 1)
        umm_ali = self._person("umm_ali", 2, channel="whatsapp")
        zaid = self._person("zaid", 3, language="en")
        mary = self._person("mary", 4, language="en")
        noor, salim = self._person("noor", 5), self._person("salim", 6)
        self._abu_ahmed(abu_ahmed)
        self._umm_ali(umm_ali)
        self._zaid(zaid)
        self._mary(mary)
        # Salim waits already when Noor writes: she is above him on the list.
        self._salim_asks(salim)
        self._noor(noor)
        self._salim_is_answered(salim)
        return [who.scene for who in (abu_ahmed, umm_ali, zaid, mary, noor, salim)]

    def _person(
        self, key: str, number: int, channel: Literal["sms", "whatsapp"] = "sms", language: Literal["ar", "en"] = "ar"
    ) -> Texting:
        return Texting(self._emulator, Scene(key, f"+96470000000{number:02}", channel, language))

    def _abu_ahmed(self, who: Texting) -> None:
        who.texts("ضاعت بطاقتي الوطنية شسوي")
        who.hears("البطاقة الوطنية", "إذا ضاعت")
        who.texts("وشكد تكلف؟")
        who.hears("الكلفة", "دينار")
        self._camera.phone(who, "abu_ahmed.phone")
        who.texts("وين اكو احد يساعدني بالمستمسكات بالموصل؟")
        who.hears("الأوراق الرسمية", "الموصل")
        self._camera.desk(who, "abu_ahmed.desk", "hotline", self._desks.conversation(who.scene.number), at=".turn")
        who.texts("شوكت يفتحون؟")
        who.hears("الدوام")
        who.texts("شكرا هواي")
        who.hears("أهلاً")

    def _umm_ali(self, who: Texting) -> None:
        who.texts("سجلوني على مساعدة غذائية بالموصل")
        who.hears("لمن نرسل طلبك؟")
        who.taps("فريقكم يختار")
        who.hears("شلون نتواصل وياك")
        who.taps("اكتبوا لي هنا")
        who.hears("بكلمات قليلة")
        who.texts("عدنا رضيع وماكو حليب")
        who.hears("الغذاء", "الموصل", "رضيع")
        who.texts("1")
        who.hears("توافق")
        self._camera.phone(who, "umm_ali.consent")
        who.texts("نعم")
        code = re.search(r"[A-Z][0-9A-Z]{3}-[0-9A-Z]{4}", who.hears("رمزه"))
        assert code
        self._camera.desk(who, "umm_ali.list", "caseworker", REFERRALS)
        self._desks.take_referral(code[0])
        for seen, to, news in (("sent", "received", "استلموه"), ("received", "accepted", "انقبل")):
            self._desks.move_referral(code[0], seen, to)
            who.scene.steps.append(Act(f"umm_ali.{to}"))
            who.hears(code[0], news)
        self._camera.phone(who, "umm_ali.news")
        self._camera.desk(who, "umm_ali.desk", "caseworker", self._desks.referral(code[0]))
        who.texts("شصار بطلبي؟")
        who.hears(code[0])

    def _zaid(self, who: Texting) -> None:
        who.texts("slm, baytna nhadam bil mosul, aku ta3wid?")
        who.hears("القانون", "تعويض")
        self._camera.desk(who, "zaid.desk", "hotline", self._desks.conversation(who.scene.number), at=".turn")
        who.texts("shgad yitawwil?")
        who.hears("شكد تطول")
        who.chooses("الخطوات")
        who.hears("الخطوات")
        who.texts("shinu ajeeb wyaya?")
        who.hears("شنو أجيب")
        self._camera.phone(who, "zaid.phone")
        who.texts("shukran")
        who.hears("أهلاً")

    def _mary(self, who: Texting) -> None:
        who.texts("I need a lawyer in Duhok")
        services = who.hears("Duhok", "+44")
        who.texts("when are they open")
        who.hears("Hours")
        who.texts("the number you gave me is wrong")
        first = re.search(r"^1 (.+)$", who.hears("Which one"), re.MULTILINE)
        number = re.search(r"\+44\d+", services)
        assert first
        assert number
        who.chooses(first[1])
        who.hears("Thank you", first[1])
        self._camera.phone(who, "mary.phone")
        self._camera.desk(who, "mary.reports", "admin", REPORTS)
        entry = self._desks.reported()
        self._desks.correct_number(entry, number[0], RIGHT_NUMBER)
        self._camera.desk(who, "mary.review", "reviewer", entry)
        self._desks.publish(entry)
        who.scene.steps.append(Act("mary.corrected"))
        who.texts("I need a lawyer in Duhok")
        who.hears(first[1], RIGHT_NUMBER)

    def _salim_asks(self, who: Texting) -> None:
        who.texts("اريد احچي ويه موظف")
        who.hears("وصل طلبك")

    def _noor(self, who: Texting) -> None:
        number = who.scene.number
        who.texts("زوجي يضربني كل يوم")
        who.hears("مو ذنبك", "0000000")
        self._camera.phone(who, "noor.phone")
        self._camera.desk(who, "noor.desk", "hotline", f"{self._desks.conversation(number)}?show=waiting", at=".turn")
        who.scene.steps.append(Act("noor.on_top"))
        self._desks.take_over(number)
        who.scene.steps.append(Act("noor.taken"))
        who.hears("Hotline")
        self._staff_write(who, "وياچ فريق دليل. إذا الوقت مو آمن لا تجاوبين. شوكت نكدر نحچي وياچ بأمان؟")
        who.texts("باچر الصبح من يطلع")

    def _salim_is_answered(self, who: Texting) -> None:
        number = who.scene.number
        self._desks.take_over(number)
        who.scene.steps.append(Act("salim.taken"))
        who.hears("Hotline")
        who.texts("عندي محكمة باچر بكركوك وما اعرف شلون احچي ويه القاضي")
        who.scene.steps.append(Act("salim.silent"))
        self._staff_write(
            who, "هلا بيك. المحامي يگدر يشرحلك شلون، ومجاناً. هسه أرجعك للدليل: اكتب «محامي بكركوك» ويطلعلك رقمه."
        )
        address = f"{self._desks.conversation(number)}?show=mine"
        self._camera.desk(who, "salim.desk", "hotline", address, at=".turn")
        self._desks.hand_back(number)
        who.scene.steps.append(Act("salim.handed_back"))
        who.hears("دليل الآلي")
        who.texts("محامي بكركوك")
        who.hears("كركوك", "+44")
        self._camera.phone(who, "salim.phone")

    def _staff_write(self, who: Texting, text: str) -> None:
        """What the bot might have said before would be heard first: that this is next shows that it was silent."""
        self._desks.write(who.scene.number, text)
        who.hears(text, by="staff")
