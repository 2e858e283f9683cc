from __future__ import annotations

from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_login import current_user

from dispatch.board import blueprint
from dispatch.board.queries import day_of
from dispatch.board.regions import asked_day, asked_territory, job_territory, shared, today
from dispatch.board.shift import feed
from dispatch.board.shift.figures import figures_of
from dispatch.board.shift.summary import figures_context, shift_context
from dispatch.board.shift.tables import figure_rows, trail_rows
from dispatch.board.trail import Line, whole, whole_of_ticket
from dispatch.models.job import Job
from dispatch.models.note import READERS, DayNote
from dispatch.models.ticket import Ticket
from dispatch.security import find_or_404, role
from dispatch.spreadsheet import csv_file
from dispatch.web import page_or_fragment


@blueprint.get("/board/figures")
@role(*READERS)
def show_figures() -> str:
    territory = asked_territory()
    return page_or_fragment("board/shift/figures.html", **figures_context(territory, asked_day(territory)))


@blueprint.get("/board/figures.csv")
@role(*READERS)
def export_figures() -> Any:
    territory = asked_territory()
    day = asked_day(territory)
    rows = figure_rows(*figures_of(day_of(territory, day, current_user), current_user))
    return csv_file(f"dispatch-{territory.code}-{day}", rows)


@blueprint.get("/board/shift")
@role(*READERS)
def show_shift() -> str:
    """The page to read, or to print, when one dispatcher takes over from another."""
    territory = asked_territory()
    return render_template("board/shift/show.html", **shift_context(territory, asked_day(territory)))


@blueprint.get("/board/notes")
@role(*READERS)
def index_notes() -> str:
    territory = asked_territory()
    day = asked_day(territory)
    notes = DayNote.of_day(territory, day, current_user)
    return render_template("board/shift/notes.html", **shared(territory, day), notes=notes)


@blueprint.get("/board/notes/<int:note_id>")
@role(*READERS)
def edit_note(note_id: int) -> str:
    note = find_or_404(DayNote.visible_to(current_user).where(DayNote.id == note_id))
    return page_or_fragment("board/shift/note.html", note=note, typed=note.text)


@blueprint.get("/board/activity")
@role(*READERS)
def index_activity() -> str:
    asked = asked_activity()
    people = {"actors": feed.actors_of(asked, current_user), "clients": feed.clients_of(current_user),
              "technicians": feed.technicians_of(asked.territory, current_user)}  # fmt: skip
    found = feed.page_of(asked, current_user)
    return page_or_fragment("board/shift/activity.html", **shared(asked.territory, asked.day), **people, asked=asked,
                            found=found, families=feed.FAMILIES, today=today(asked.territory))  # fmt: skip


@blueprint.get("/board/activity/news")
@role(*READERS)
def activity_news() -> str:
    """How much is new above a page that somebody is reading."""
    asked, after = asked_activity(), request.args.get("after", 0, type=int)
    count = feed.newer(asked, after, current_user)
    return render_template("board/shift/_fresh.html", asked=asked, newest=after, fresh=count)


@blueprint.get("/board/history")
@role(*READERS)
def find_history() -> Any:
    """From a number to the history of that job or ticket."""
    number = request.args.get("number", "").strip()[:40]
    ticket = Ticket.numbered(number, current_user) if number.upper().startswith("T-") else None
    found = feed.first(ticket if ticket is not None else Job.numbered(number, current_user))
    if found is None:
        flash(_("There is no job and no ticket with the number “%(number)s”.", number=number), "warn")
        territory = asked_territory()
        return redirect(url_for("board.index", territory=territory.code, day=asked_day(territory)))
    endpoint = "board.show_job_history" if ticket is None else "board.show_ticket_history"
    return redirect(url_for(endpoint, number=found.number))


@blueprint.get("/board/jobs/<number>/history")
@role(*READERS)
def show_job_history(number: str) -> str:
    job = find_or_404(Job.numbered(number, current_user))
    return _history(job.ticket, job, whole(job, job_territory(job).zone))


@blueprint.get("/board/jobs/<number>/history.csv")
@role(*READERS)
def export_job_history(number: str) -> Any:
    job = find_or_404(Job.numbered(number, current_user))
    zone = job_territory(job).zone
    return csv_file(job.number, trail_rows(whole(job, zone), zone))


@blueprint.get("/board/tickets/<number>/history")
@role(*READERS)
def show_ticket_history(number: str) -> str:
    ticket = find_or_404(Ticket.numbered(number, current_user))
    return _history(ticket, None, whole_of_ticket(ticket, ticket.client.zone))


@blueprint.get("/board/tickets/<number>/history.csv")
@role(*READERS)
def export_ticket_history(number: str) -> Any:
    ticket = find_or_404(Ticket.numbered(number, current_user))
    return csv_file(
        ticket.number, trail_rows(whole_of_ticket(ticket, ticket.client.zone), ticket.client.zone)
    )


def asked_activity() -> feed.Asked:
    territory = asked_territory()
    return feed.Asked.of(territory, asked_day(territory), request.args)


def _history(ticket: Ticket, job: Job | None, lines: list[Line]) -> str:
    zone = job_territory(job).zone if job else ticket.client.zone
    return render_template("board/shift/history.html", ticket=ticket, job=job, lines=lines, zone=zone)
