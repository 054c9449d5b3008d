"""Writing an entry: a form side by side in both languages, checked as it is typed, and saved as a draft."""

import json
from collections.abc import Sequence
from typing import Annotated, Any, Literal
from uuid import UUID, uuid4

from fastapi import APIRouter, Form, HTTPException, Request
from fastapi.responses import RedirectResponse, Response
from sqlalchemy.ext.asyncio import AsyncSession

from console.access import Admin
from console.directory import choices
from console.directory.forms import Filled, Unreadable, added, filled, removed
from console.pages import render
from directory import checking, preview, publishing, records
from directory.checking import Problem
from directory.completeness import Incomplete, open_revision
from directory.differences import Difference, differences, merged, outermost
from directory.models import Entry
from directory.publishing import Conflict
from directory.records import Kind
from infrastructure.local_time import day_in_iraq
from infrastructure.resources import Resources

router = APIRouter(prefix="/console/directory")

PAGE = "/console/directory"


@router.get("/new/{kind}")
async def new_entry(request: Request, admin: Admin, kind: Kind) -> Response:
    """An empty form; its id is chosen now, so that sending it twice makes one entry."""
    form = Filled(kind, uuid4(), records.TYPES[kind]().document())
    return await _form(request, form, base=0, seen="", is_new=True)


@router.get("/{entry_id:uuid}/edit")
async def edit_entry(request: Request, admin: Admin, entry_id: UUID) -> Response:
    """The open draft if there is one, else what is published."""
    async with request.app.state.resources.sessions() as session:
        entry = await _entry(session, entry_id)
        revision = await open_revision(session, entry_id)
    document = revision.document if revision else entry.document
    form = Filled(entry.kind, entry_id, dict(document or {}))  # type: ignore[arg-type]
    base = revision.base if revision else entry.published
    return await _form(request, form, base=base, seen=publishing.mark(revision))


@router.post("/{kind}/{entry_id:uuid}/form")
async def reshape(
    request: Request,
    admin: Admin,
    kind: Kind,
    entry_id: UUID,
    base: Annotated[int, Form()] = 0,
    seen: Annotated[str, Form()] = "",
    add: Annotated[str, Form()] = "",
    drop: Annotated[str, Form()] = "",
) -> Response:
    """The form as it was typed, with one more or one less of something, or with what a search found."""
    form = filled(kind, entry_id, await request.form(), is_demo=await _is_demo(request, entry_id))
    if add:
        form = added(form, add)
    elif drop:
        form = removed(form, drop)
    return await _form(request, form, base=base, seen=seen, is_new=base == 0 and not seen)


@router.post("/{kind}/{entry_id:uuid}/check")
async def check(request: Request, admin: Admin, kind: Kind, entry_id: UUID) -> Response:
    """What is still missing, and how the bot will say it; fetched while somebody types."""
    form = filled(kind, entry_id, await request.form(), is_demo=await _is_demo(request, entry_id))
    return render(request, "directory/_check.html", **await _checked(request, form))


@router.post("/{kind}/{entry_id:uuid}/edit")
async def save(
    request: Request,
    admin: Admin,
    kind: Kind,
    entry_id: UUID,
    base: Annotated[int, Form(ge=0)] = 0,
    seen: Annotated[str, Form(max_length=100)] = "",
    then: Annotated[Literal["draft", "review"], Form()] = "draft",
) -> Response:
    """Keep the form as a draft, and hand it to a reviewer if asked to. Whatever is wrong, nothing typed is lost."""
    form = filled(kind, entry_id, await request.form(), is_demo=await _is_demo(request, entry_id))
    try:
        made = form.made()
    except Unreadable as unreadable:
        return await _form(request, form, base=base, seen=seen, refused=unreadable.problems)
    if then == "review" and (found := (await _checked(request, form))["problems"]):
        return await _form(request, form, base=base, seen=seen, refused=found)
    return await _keep(request, admin.id, form, made, base, seen, then)


@router.post("/{kind}/{entry_id:uuid}/merge")
async def merge(
    request: Request,
    admin: Admin,
    kind: Kind,
    entry_id: UUID,
    mine: Annotated[str, Form(max_length=1_000_000)],
    theirs: Annotated[str, Form(max_length=1_000_000)],
    base: Annotated[int, Form(ge=0)],
    seen: Annotated[str, Form(max_length=100)] = "",
    take: Annotated[Sequence[str], Form()] = (),
) -> Response:
    """A version made of two, field by field; it is shown as a form, and saved from there."""
    try:
        record = records.TYPES[kind].model_validate(merged(json.loads(mine), json.loads(theirs), take))
    except (ValueError, AttributeError, TypeError):
        raise HTTPException(400) from None
    form = Filled(kind, entry_id, record.document() | {"is_demo": await _is_demo(request, entry_id)})
    return await _form(request, form, base=base, seen=seen)


async def _keep(
    request: Request, author: UUID, form: Filled, made: Sequence[records.Record], base: int, seen: str, then: str
) -> Response:
    async with request.app.state.resources.sessions() as session:
        try:
            for part in made[:-1]:
                await publishing.propose(session, part, author=author, seen=await _own_mark(session, part, author))
            revision = await publishing.propose(session, made[-1], author=author, base=base, seen=seen)
        except Conflict as conflict:
            await session.rollback()
            return await _conflict(request, form, made[-1], conflict)
        except publishing.NotAllowed:
            raise HTTPException(409) from None
        await session.commit()
        try:
            if then == "review":
                await publishing.submit(session, revision)
                await session.commit()
        except Incomplete as incomplete:
            await session.rollback()
            mark = publishing.mark(await open_revision(session, form.id))
            kept = Filled(form.kind, form.id, made[-1].document())
            return await _form(request, kept, base=base, seen=mark, refused=incomplete.problems, is_kept=True)
    return RedirectResponse(f"{PAGE}/{form.id}", 303)


async def _own_mark(session: AsyncSession, part: records.Record, author: UUID) -> str:
    """A new part that this form saved before is its author's own draft: saving goes on from it."""
    revision = await open_revision(session, part.id)
    return publishing.mark(revision) if revision and revision.author_id == author else ""


async def _conflict(request: Request, form: Filled, record: records.Record, conflict: Conflict) -> Response:
    mine, theirs = record.document(), conflict.document or {}
    async with request.app.state.resources.sessions() as session:
        names = await choices.names(session, form.kind, mine, theirs)
    by_field: dict[str, list[Difference]] = {}
    for one in differences(theirs, mine):
        by_field.setdefault(outermost(one.field), []).append(one)
    return render(
        request,
        "directory/conflict.html",
        409,
        kind=form.kind,
        entry_id=form.id,
        differences=by_field,
        mine=json.dumps(mine, ensure_ascii=False),
        theirs=json.dumps(theirs, ensure_ascii=False),
        base=conflict.base,
        seen=conflict.seen,
        names=names,
    )


async def _form(
    request: Request,
    form: Filled,
    *,
    base: int,
    seen: str,
    refused: Sequence[Problem] | None = None,
    is_new: bool = False,
    is_kept: bool = False,
) -> Response:
    """The form's page. `refused` are the problems it was not taken for; without them it says what is still missing."""
    context = await _checked(request, form)
    if refused is not None:
        context["problems"] = refused
    typed = await request.form() if request.method == "POST" else {}
    async with request.app.state.resources.sessions() as session:
        context |= await choices.of_form(session, form, typed)
    return render(
        request,
        f"directory/edit_{form.kind}.html",
        422 if refused else 200,
        base=base,
        seen=seen,
        is_new=is_new,
        is_kept=is_kept,
        is_refused=refused is not None,
        **context,
    )


async def _checked(request: Request, form: Filled) -> dict[str, Any]:
    """What is wrong with a form so far, and how the bot would say it."""
    resources: Resources = request.app.state.resources
    context: dict[str, Any] = {"form": form, "document": form.document, "said": {}}
    try:
        made = form.made()
    except Unreadable as unreadable:
        return context | {"problems": unreadable.problems}
    async with resources.sessions() as session:
        places = await choices.parents(session)
        found = checking.problems(made[-1], places)
        fields = dict(zip((record.id for record in made[:-1]), form.new, strict=True))
        for part in made[:-1]:
            inner = checking.problems(part, places)
            found += [Problem(f"{fields[part.id]}.new.{field}", code) for field, code in inner]
        today = day_in_iraq()
        context["said"] = await preview.said(session, made, resources.wording, today)
    return context | {"problems": found}


async def _is_demo(request: Request, entry_id: UUID) -> bool:
    """What came as made up stays so."""
    async with request.app.state.resources.sessions() as session:
        entry = await session.get(Entry, entry_id)
    return bool(entry and entry.document and entry.document["is_demo"])


async def _entry(session: AsyncSession, entry_id: UUID) -> Entry:
    entry = await session.get(Entry, entry_id)
    if entry is None:
        raise HTTPException(404)
    return entry
