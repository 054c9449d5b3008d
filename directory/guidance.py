"""Which article of guidance is meant: by its topic, or by a name in what somebody writes; and those that come along."""

from collections.abc import Iterable
from pathlib import Path
from uuid import NAMESPACE_DNS, UUID, uuid5

import yaml
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from directory import publishing
from directory.completeness import open_revision
from directory.models import Entry
from directory.records import Article
from orthography.folding import words
from orthography.lexicon import Lexicon

GUIDANCE = Path(__file__).parent / "guidance_texts"
IDS = uuid5(NAMESPACE_DNS, "guidance.daleel.example")
# What is longer holds its question in its first words; the rest only costs time.
READ = 500


async def on(session: AsyncSession, topic: str, *, demo: bool) -> Article | None:
    """The published article on a topic of `directory.topics`."""
    return next((one for one in await _published(session, demo) if one.topic == topic), None)


async def named(session: AsyncSession, text: str, *, demo: bool, kind: str = "") -> Article | None:
    """The published article that a text names by its title or by what people call it: the longest name counts.

    With a kind ("programme") only articles of that kind.
    """
    known = [one for one in await _published(session, demo) if one.topic.startswith(kind)]
    found = list(_lexicon(known).matches(list(words(text[:READ]))))
    if not found:
        return None
    longest = max(found, key=lambda match: match.last - match.first)
    return next(one for one in known if one.topic == longest.code)


async def load(session: AsyncSession, *, demo: bool) -> int:
    """Bring in the articles of `guidance_texts` that aren't in the directory; returns how many. The caller commits.

    A demo tells them at once, marked as its own. Elsewhere they wait for a reviewer, because an operator answers for
    them: also those that a demo told before it went live. What staff made of an article stays as it is.
    """
    known = {entry.id: entry for entry in await session.scalars(select(Entry).where(Entry.kind == "article"))}
    brought = 0
    for record in articles():
        entry = known.get(record.id)
        if entry is None and demo:
            await publishing.published(session, record.model_copy(update={"is_demo": True}))
        elif entry is None or (not demo and await _only_of_a_demo(session, entry)):
            base = entry.published if entry else 0
            await publishing.submit(session, await publishing.propose(session, record, author=None, base=base))
        else:
            continue
        brought += 1
    return brought


async def _only_of_a_demo(session: AsyncSession, entry: Entry) -> bool:
    """Whether nobody but a demo ever published an article, and nobody is at work on it."""
    is_demo = bool(entry.document and entry.document["is_demo"])
    return is_demo and await open_revision(session, entry.id) is None


def articles() -> list[Article]:
    """The articles that come with Daleel. A file that isn't in the form is a ValueError or a KeyError."""
    sources = yaml.safe_load((GUIDANCE / "sources.yml").read_text("utf-8"))
    checked = sources.pop("read_on")
    found = []
    for file in sorted(GUIDANCE.glob("*.yml")):
        if file.name != "sources.yml":
            for topic, content in yaml.safe_load(file.read_text("utf-8")).items():
                content["sources"] = [sources[code] for code in content["sources"]]
                found.append(Article(id=_id(topic), topic=topic, checked_date=checked, **content))
    return found


def _id(topic: str) -> UUID:
    return uuid5(IDS, topic)


async def _published(session: AsyncSession, demo: bool) -> list[Article]:
    documents = await session.scalars(
        select(Entry.document).where(Entry.kind == "article", Entry.status == "published").order_by(Entry.id)
    )
    read = [Article.model_validate(document) for document in documents]
    return [one for one in read if demo or not one.is_demo]


def _lexicon(known: Iterable[Article]) -> Lexicon:
    lexicon = Lexicon()
    for article in known:
        for name in (article.title.ar, article.title.en, *article.known_as):
            try:
                lexicon.add(article.topic, name)
            except ValueError:
                # Two articles with one name: staff see both in the console, and the first is as good as the other.
                continue
    return lexicon
