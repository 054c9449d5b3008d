"""What an admin changes and a second person publishes is what the next text says."""

import re

from infrastructure.local_time import day_in_iraq
from tests.console.directory_pages import address_of, filled_in
from tests.journeys.staff import send, signed_in, token_of
from tests.phone import Phone
from tests.stack import Stack


def test_the_next_text_says_what_was_published(phone: Phone, stack: Stack) -> None:
    admin, reviewer = signed_in(stack, "admin"), signed_in(stack, "reviewer")
    page = admin.get("/console/directory?need=elderly_support&place=IQG02").text
    found = re.search(r'href="(/console/directory/[0-9a-f-]{36})"', page)
    assert found
    entry = found[1]
    page = admin.get(f"{entry}/edit").text
    form = filled_in(page)
    form |= {"alert.ar": "مغلق هذا الأسبوع", "alert.en": "Closed this week", "then": "review"}
    assert admin.post(address_of(page), data=form).status_code == 200

    page = reviewer.get(entry).text
    seen = re.search(r'name="seen" value="([^"]+)"', page)
    assert seen
    assert "Closed this week" in page
    phone.texts("I need support for my elderly father in Basra")
    assert "Closed this week" not in phone.receives("Basra").body
    assert "says it from now on" in send(reviewer, f"{entry}/publish", page, seen=seen[1]).text
    phone.texts("I need support for my elderly father in Basra")
    assert "Closed this week" in phone.receives("Basra").body


def test_the_next_text_says_what_a_spreadsheet_brought(phone: Phone, stack: Stack) -> None:
    admin, reviewer = signed_in(stack, "admin"), signed_in(stack, "reviewer")
    header = (
        "اسم المنظمة,Organization (English),الخدمة (عربي),Service (English),الملخص (عربي),Summary (English),القطاع,"
        "المحافظة,القضاء,العنوان (عربي),Address (English),رقم الموبايل,الدوام,تاريخ التحقق"
    )
    row = (
        "منظمة تجربة,Trial Org,سلة تجربة,Trial baskets,سلال غذاء,Food baskets,food,صلاح الدين,تكريت,"
        f"قرب الجامع,Near the mosque,07700000001,الأحد-الخميس 08:00-14:00,{day_in_iraq()}"
    )
    page = admin.get("/console/directory/import").text
    table = {"file": ("new.csv", f"{header}\n{row}\n".encode())}
    batch = admin.post("/console/directory/import", data={"form_token": token_of(page)}, files=table)
    mark = re.search(r'name="mark" value="([^"]+)"', batch.text)
    assert mark
    applied = send(admin, f"{batch.url.path}/apply", batch.text, mark=mark[1])
    assert "another person publishes it" in applied.text
    send(reviewer, f"{batch.url.path}/publish", reviewer.get(batch.url.path).text)
    phone.texts("I need food baskets in Tikrit")
    assert "Trial baskets" in phone.receives("Tikrit").body
