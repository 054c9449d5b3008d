"""Guidance: the articles that come with Daleel, which of them a text means, and what they say piece by piece."""

from datetime import date

import pytest
from sqlalchemy.ext.asyncio import AsyncSession

from directory import guidance, publishing, telling
from directory.checking import problems
from directory.completeness import open_revision
from directory.models import Entry
from directory.records import Article, Case, Source, Words
from directory.topics import TOPICS
from infrastructure.segments import parts
from infrastructure.wording import load

WORDING = load()
TODAY = date(2026, 11, 26)
ARTICLES = guidance.articles()
BUDGET = 3


def words(text: str) -> Words:
    return Words(ar=f"عن {text}", en=f"about {text}")


def an_article(topic: str = "programme:kites", **given: object) -> Article:
    return Article.model_validate(
        {
            "topic": topic,
            "title": words("kites"),
            "answer": words("a kite"),
            "sources": [Source(title="somebody").model_dump()],
            "checked_date": TODAY,
            **given,
        }
    )


def test_there_is_an_article_on_everything_that_can_be_asked() -> None:
    assert {article.topic for article in ARTICLES} >= set(TOPICS)
    assert sum(article.topic.startswith("programme:") for article in ARTICLES) >= 60


@pytest.mark.parametrize("article", ARTICLES, ids=lambda article: article.topic)
def test_each_article_may_be_published_and_tells_its_source(article: Article) -> None:
    assert problems(article, {}) == []
    assert all(source.title and source.date for source in article.sources)


@pytest.mark.parametrize("article", ARTICLES, ids=lambda article: article.topic)
@pytest.mark.parametrize("language", ["ar", "en"])
def test_no_page_of_any_piece_costs_more_than_its_parts(article: Article, language: str) -> None:
    for piece in telling.available(article):
        page = 0
        while (told := told_of(article, [piece], language, page)).text:
            assert parts(told.text) <= BUDGET, (piece, page)
            page += 1
        assert page


@pytest.mark.parametrize("article", ARTICLES, ids=lambda article: article.topic)
def test_what_a_stranger_may_see_on_a_phone_names_no_armed_group(article: Article) -> None:
    said = article.model_dump_json(include=set(Article.model_fields) - {"known_as", "sources"})
    assert "داعش" not in said
    assert "ISIL" not in said
    assert "ISIS" not in said


def told_of(article: Article, pieces: list[str], language: str, page: int = 0) -> telling.Told:
    return telling.tell(article, pieces, language, page=page, budget_parts=BUDGET, wording=WORDING)


def test_pages_lose_no_word_and_each_but_the_last_says_how_to_go_on() -> None:
    steps = [words(f"step {number} " + "and on " * 15) for number in range(12)]
    article = an_article(steps=[step.model_dump() for step in steps])
    pages = []
    while (told := told_of(article, ["steps"], "en", len(pages))).text:
        pages.append(told)
    assert [page.has_more for page in pages] == [True] * (len(pages) - 1) + [False]
    assert all(page.text.endswith("Write: more") for page in pages[:-1])
    said = " ".join(page.text for page in pages)
    assert all(f"step {number} " in said for number in range(12))


def test_one_very_long_line_is_cut_between_words() -> None:
    article = an_article(where=words("x" * 10 + " yz" * 900).model_dump())
    page, said = 0, ""
    while (told := told_of(article, ["where"], "ar", page)).text:
        assert parts(told.text) <= BUDGET
        said, page = said + told.text, page + 1
    assert said.count("yz") == 900


def test_what_is_not_known_is_not_told() -> None:
    article = an_article(cases=[Case(situation="lost", text=words("loss")).model_dump()])
    assert told_of(article, ["cost"], "en").text == ""
    assert telling.available(article) == ["lost"]
    assert "about loss" in told_of(article, ["lost"], "en").text


@pytest.mark.parametrize(
    ("text", "topic"),
    [
        ("what is the enterprise development fund", "programme:enterprise_fund"),
        ("شنو هو صندوق تنمية المشاريع", "programme:enterprise_fund"),
        ("وشلون اقدم على منحة العودة", "programme:momd_return_grant"),
        ("what is AVRR", "programme:avrr"),
        ("football tonight", None),
        ("", None),
        ("x" * 100_000, None),
    ],
)
async def test_a_programme_is_known_by_what_people_call_it(session: AsyncSession, text: str, topic: str | None) -> None:
    await guidance.load(session, demo=True)
    found = await guidance.named(session, text, demo=True)
    assert (found.topic if found else None) == topic


async def test_outside_a_demo_guidance_waits_for_a_reviewer(session: AsyncSession) -> None:
    assert await guidance.load(session, demo=False) == len(ARTICLES)
    assert await guidance.on(session, "document:passport", demo=True) is None
    entry = await session.get_one(Entry, ARTICLES[0].id)
    assert entry.status == "draft"


async def test_what_a_demo_told_waits_for_a_reviewer_once_it_is_live(session: AsyncSession) -> None:
    await guidance.load(session, demo=True)
    assert await guidance.on(session, "document:passport", demo=False) is None
    assert await guidance.load(session, demo=False) == len(ARTICLES)
    assert await guidance.load(session, demo=False) == 0
    revision = await open_revision(session, ARTICLES[0].id)
    assert revision
    assert (revision.state, revision.document["is_demo"]) == ("in_review", False)


async def test_what_staff_made_of_an_article_stays(session: AsyncSession) -> None:
    assert await guidance.load(session, demo=True) == len(ARTICLES)
    found = await guidance.on(session, "document:passport", demo=True)
    assert found
    await publishing.published(session, found.model_copy(update={"title": words("changed")}))
    assert await guidance.load(session, demo=True) == 0
    again = await guidance.on(session, "document:passport", demo=True)
    assert again
    assert again.title == words("changed")


async def test_demo_articles_are_told_in_a_demo_only(session: AsyncSession) -> None:
    article = an_article(is_demo=True)
    await publishing.published(session, article)
    assert await guidance.on(session, article.topic, demo=True) == article
    assert await guidance.on(session, article.topic, demo=False) is None
