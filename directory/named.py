"""Organizations by their names, as people write them: without «جمعية», with «بال» before it, or as NRC."""

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from datetime import date
from functools import lru_cache
from uuid import UUID

from sqlalchemy import exists, select
from sqlalchemy.ext.asyncio import AsyncSession

from directory.models import Entry, Listing
from directory.search import shown
from orthography.folding import Word, words
from orthography.lexicon import Lexicon, form_keys

# What many organizations are called besides their names: nobody says all of it.
_COMMON = frozenset(
    key
    for word in """
    جمعية منظمة مؤسسة مركز هيئة مكتب شبكة مجلس
    العراقية العراقي العراق عراقية الإنسانية إنسانية الخيرية خيرية غير حكومية في
    society organization organisation association foundation centre center office network ngo the
    iraq iraqi humanitarian charity charitable for of in
    """.split()
    for key in form_keys(word)
)
_SHORT = re.compile(r"\(([^)]*)\)")
# Of one word only letters such as NRC are a name: «الأمل» is hope.
_LETTERS = re.compile(r"[A-Z]{3,8}")
# In a message as short as this they may be written small, if they spell no word besides.
_FEW_WORDS = 3
_WORDS_TOO = frozenset("who care aid act acted save hope help here life people".split())


async def organizations(session: AsyncSession, text: str, *, demo: bool, today: date) -> list[UUID]:
    """The organizations that a text names by the longest of the names in it, of those with a service to show today."""
    asked = list(words(text))
    names = _names(await _known(session, demo, today))
    lexicon = Lexicon()
    for name in names:
        lexicon.add_keys(name, name.split(), name)
    found = [match for match in lexicon.matches(asked) if _is_meant(asked, match.first, match.last)]
    longest = max(found, key=lambda match: match.last - match.first, default=None)
    return sorted(names[longest.code]) if longest else []


async def _known(session: AsyncSession, demo: bool, today: date) -> Mapping[UUID, Mapping[str, str]]:
    has_services = exists().where(Listing.organization_id == Entry.id, *shown(demo, today))
    of = select(Entry.id, Entry.document["name"]).where(Entry.kind == "organization", has_services)
    return {row[0]: row[1] for row in await session.execute(of)}


def _names(known: Mapping[UUID, Mapping[str, str]]) -> dict[str, set[UUID]]:
    """Whom each name, as `form_keys` joined, may mean."""
    names: dict[str, set[UUID]] = defaultdict(set)
    for identity, name in known.items():
        for form in {form for written in name.values() for form in _forms(written)}:
            names[form].add(identity)
    return names


@lru_cache(maxsize=8192)
def _forms(name: str) -> tuple[str, ...]:
    """A name as it is written, without what many are called besides; and what stands in brackets, mostly letters."""
    return tuple(_each_form(name))


def _each_form(name: str) -> Iterator[str]:
    for part in (_SHORT.sub(" ", name), *_SHORT.findall(name)):
        if _LETTERS.fullmatch(part.strip()):
            yield part.strip().lower()
            continue
        keys = form_keys(part)
        own = [at for at, key in enumerate(keys) if key not in _COMMON]
        if own and len(keys) > 1:
            yield " ".join(keys)
            if own[-1] > own[0]:
                yield " ".join(keys[own[0] : own[-1] + 1])


def _is_meant(asked: list[Word], first: int, last: int) -> bool:
    """Whether words are meant as a name: several are, one must be in capitals or stand nearly alone."""
    if last - first > 1:
        return True
    written = asked[first].text
    return bool(_LETTERS.fullmatch(written)) or (len(asked) <= _FEW_WORDS and written.lower() not in _WORDS_TOO)
