from __future__ import annotations

import secrets
from typing import Any

from flask import Response, flash, redirect, render_template, request, session, url_for
from flask_babel import gettext as _
from flask_login import current_user
from sqlalchemy.orm.exc import StaleDataError

from dispatch import uploads
from dispatch.clock import now
from dispatch.extensions import db
from dispatch.handover import blueprint, queries, windows
from dispatch.handover.forms import HandoverForm
from dispatch.handover.pages import AGENTS, client_of_request, page_of, promised
from dispatch.models.client import Client
from dispatch.models.handed import Handed
from dispatch.models.intake import amend, hand_over
from dispatch.models.job import IllegalMove, Job
from dispatch.models.ticket import Ticket
from dispatch.models.transitions import Incomplete
from dispatch.planning import call_off, move, retime
from dispatch.receipts import answer_once, fingerprint_of
from dispatch.security import find_or_404, role
from dispatch.uploads import Draft, TooMuch
from dispatch.web import wants_fragment


@blueprint.post("/tickets")
@role(*AGENTS)
def create_ticket() -> Any:
    client = client_of_request()
    session["client"] = client.id
    form = HandoverForm(client, queries.lists_of(client, request.form.get("requester_id", "")))
    handed, drafts = form.handed(), _drafts()
    if handed is None:
        return _refused(form, drafts)
    digest = fingerprint_of(*(f"{key}={value}" for key, value in sorted(request.form.items(multi=True))))
    key = f"handover:{(form.once.data or secrets.token_urlsafe(16))[:64]}:{digest[:32]}"
    return answer_once(current_user, key, digest, lambda: _create(client, handed, drafts, form))


@blueprint.post("/tickets/<number>")
@role(*AGENTS)
def update_ticket(number: str) -> Any:
    ticket = find_or_404(queries.whole(Ticket.numbered(number, current_user)))
    form = HandoverForm(
        ticket.client, queries.lists_of(ticket.client, request.form.get("requester_id", "")), ticket
    )
    if request.form.get("version") != str(ticket.version):
        raise StaleDataError
    handed, drafts = form.handed(), _drafts()
    if handed is None:
        return _refused(form, drafts)
    begun = now()
    amend(ticket, handed, current_user)
    retime.follow(ticket, begun, current_user)
    try:
        uploads.attach(ticket, drafts, current_user)
    except TooMuch:
        return _over_full(form, drafts)
    db.session.commit()
    flash(_("Saved."), "ok")
    return _go_to(url_for("handover.show", number=ticket.number))


@blueprint.post("/tickets/<number>/attachments")
@role(*AGENTS)
def create_attachment(number: str) -> Any:
    ticket, drafts = find_or_404(Ticket.numbered(number, current_user)), _drafts()
    try:
        uploads.attach(ticket, drafts, current_user)
        db.session.commit()
    except TooMuch:
        db.session.rollback()
        uploads.discard(drafts, current_user)
        flash(_too_much(), "danger")
    return _go_to(url_for("handover.show", number=number))


@blueprint.post("/tickets/<number>/confirmations")
@role(*AGENTS)
def create_confirmation(number: str) -> Any:
    """The requester called back, the access is arranged, or the part is there."""
    ticket = find_or_404(Ticket.numbered(number, current_user))
    mine = Job.numbered(request.form.get("job", ""), current_user).where(Job.ticket_id == ticket.id)
    job, window = find_or_404(mine), windows.parse(request.form.get("window", ""))
    try:
        move.confirm(job, current_user, window, version=request.form.get("version", -1, type=int))
        db.session.commit()
        flash(_("%(number)s can be planned now.", number=job.number), "ok")
    except IllegalMove:
        flash(_("%(number)s waits for nothing any more.", number=job.number), "warn")
    except Incomplete:
        flash(_("This time is over. Choose another one."), "warn")
    return _go_to(url_for("handover.show", number=number))


@blueprint.post("/tickets/<number>/cancellation")
@role(*AGENTS)
def create_cancellation(number: str) -> Any:
    """Nobody needs it any more, and the client may read why."""
    ticket, reason = find_or_404(Ticket.numbered(number, current_user)), request.form.get("reason", "")
    try:
        call_off.cancel(ticket, current_user, reason, version=request.form.get("version", -1, type=int))
        db.session.commit()
    except (IllegalMove, Incomplete) as refusal:
        return _not_cancelled(number, refusal, reason)
    flash(_("%(number)s is cancelled. Whoever had the job is told.", number=ticket.number), "ok")
    return _go_to(url_for("handover.show", number=ticket.number))


@blueprint.post("/tickets/<number>/closure")
@role(*AGENTS)
def create_closure(number: str) -> Any:
    """What was resolved is settled."""
    ticket = find_or_404(Ticket.numbered(number, current_user))
    try:
        call_off.close(ticket, current_user, version=request.form.get("version", -1, type=int))
        db.session.commit()
        flash(_("%(number)s is closed.", number=ticket.number), "ok")
    except IllegalMove:
        flash(_("%(number)s is not resolved, so it cannot be closed.", number=ticket.number), "warn")
    return _go_to(url_for("handover.show", number=number))


def _not_cancelled(number: str, refusal: Exception, reason: str) -> Any:
    """The ticket as it is, with what was typed and what to do."""
    db.session.rollback()
    ticket = find_or_404(queries.whole(Ticket.numbered(number, current_user)))
    if isinstance(refusal, Incomplete):
        return page_of(
            ticket, _("Say in a few words why it is cancelled (500 characters at most)."), reason
        ), 422
    return page_of(ticket, queries.busy(ticket) or _("This ticket has ended already."), reason), 409


def _create(client: Client, handed: Handed, drafts: list[Draft], form: HandoverForm) -> Any:
    begun = now()
    ticket, _job, created = hand_over(client, handed, current_user)
    retime.follow(ticket, begun, current_user)
    try:
        uploads.attach(ticket, drafts, current_user)
    except TooMuch:
        return _over_full(form, drafts)
    return _go_to(url_for("handover.show_handover", number=ticket.number, new=int(created)))


def _drafts() -> list[Draft]:
    """The files of this form: those sent now, and those kept from an earlier try."""
    notes = [Draft.of(note, current_user) for note in request.form.getlist("kept")]
    found = [draft for draft in notes if draft is not None]
    dropped = set(request.form.getlist("dropped"))
    uploads.discard((draft for draft in found if draft.token in dropped), current_user)
    kept = [draft for draft in found if draft.token not in dropped]
    return [*kept, *uploads.receive(request.files.getlist("files"), current_user)]


def _over_full(form: HandoverForm, drafts: list[Draft]) -> Any:
    """Nothing is kept: neither the files nor what else was changed, which stays in the form."""
    db.session.rollback()
    form.description.errors = [_too_much()]
    return _refused(form, drafts)


def _refused(form: HandoverForm, drafts: list[Draft]) -> Any:
    """The form again with everything typed, and what is to be asked."""
    form.once.data = secrets.token_urlsafe(16)
    ticket, client = form.ticket, form.client
    page = "handover/edit.html" if ticket else "handover/new.html"
    template = "handover/_form.html" if wants_fragment() else page
    waiting = uploads.leave(drafts, current_user)
    kept = [(draft, draft.note(current_user)) for draft in waiting]
    lost = [draft.filename for draft in drafts if draft not in waiting]
    caller = next(iter(form.lists["requester"]), None)
    return render_template(template, form=form, client=client, ticket=ticket,
                           clients=queries.clients(), kept=kept, lost=lost, caller=caller,
                           **promised(client, form.impact.data, form.urgency.data)), 422  # fmt: skip


def _go_to(address: str) -> Any:
    """On to another page: by itself for htmx, by a redirect without."""
    if wants_fragment():
        return Response(status=200, headers={"HX-Redirect": address})
    return redirect(address, code=303)


def _too_much() -> str:
    return _("A ticket holds %(files)d files and %(size)d MB at most. Leave some out.",
             files=uploads.MOST_FILES, size=uploads.MOST_BYTES // 2**20)  # fmt: skip
