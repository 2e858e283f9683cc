from __future__ import annotations

import secrets
from typing import Any

from flask import abort, render_template, request, session
from flask_login import current_user

from dispatch import live, sentences, uploads
from dispatch.clock import now
from dispatch.handover import blueprint, queries, windows
from dispatch.handover.forms import HandoverForm
from dispatch.models import ticket_ending
from dispatch.models.calendar import due_at
from dispatch.models.client import Client
from dispatch.models.directory import search
from dispatch.models.ticket import Attachment, Requester, Ticket
from dispatch.security import any_role, find_or_404, role
from dispatch.sla.priority import priority_of
from dispatch.web import page_or_fragment

AGENTS = ("phone_agent", "dispatcher", "administrator")
# what a link from another tool may fill in
PREFILLED = (
    "external_id",
    "requester",
    "phone",
    "floor",
    "desk",
    "summary",
    "description",
    "asset",
    "steps_tried",
)


@blueprint.get("/tickets")
@any_role
def index() -> str:
    filters = queries.Filters.of(request.args, current_user)
    return page_or_fragment("handover/index.html", filters=filters, found=queries.tickets(filters),
                            counts=queries.counts(filters), several=len(queries.clients()) > 1, cursor=live.cursor())  # fmt: skip


@blueprint.get("/tickets/new")
@role(*AGENTS)
def new_ticket() -> str:
    clients = queries.clients()
    client = chosen_client(clients)
    if client is None:
        return render_template("handover/no_client.html")
    data = {"once": secrets.token_urlsafe(16), **{name: request.args.get(name) for name in PREFILLED}}
    form = HandoverForm(client, queries.lists_of(client), data=data)
    return render_template(
        "handover/new.html", form=form, client=client, clients=clients, kept=[], caller=None
    )


@blueprint.get("/tickets/new/callers")
@role(*AGENTS)
def callers() -> str:
    """Who of the client's people may be meant, while the agent is typing."""
    client = client_of_request()
    found = search(current_user, client, request.args.get("requester", "")[:100])
    return render_template("handover/_callers.html", client=client, people=found)


@blueprint.get("/tickets/new/caller/<int:requester_id>")
@role(*AGENTS)
def caller(requester_id: int) -> str:
    """The first questions, answered with what is known of the one who was picked."""
    person = find_or_404(Requester.visible_to(current_user).where(Requester.id == requester_id))
    client = find_or_404(Client.visible_to(current_user).where(Client.id == person.client_id))
    data = {"requester": person.name, "requester_id": person.id, "phone": person.phone, "floor": person.floor,
            "desk": person.desk, "building": str(person.building_id or "")}  # fmt: skip
    form = HandoverForm(client, queries.lists_of(client), data=data)
    return render_template("handover/_caller.html", form=form, client=client, caller=person, picked=True)


@blueprint.get("/tickets/new/promise")
@role(*AGENTS)
def promise() -> str:
    """The priority and the time by which it would be resolved, while the agent is choosing."""
    client = client_of_request()
    levels = [request.args.get(name) for name in ("impact", "urgency")]
    return render_template("handover/_promise.html", client=client, **promised(client, *levels))


@blueprint.get("/tickets/<number>")
@any_role
def show(number: str) -> str:
    return page_of(find_or_404(queries.whole(Ticket.numbered(number, current_user))))


@blueprint.get("/tickets/<number>/handover")
@role(*AGENTS)
def show_handover(number: str) -> str:
    """What to read to the caller before hanging up."""
    ticket = find_or_404(queries.whole(Ticket.numbered(number, current_user)))
    return render_template("handover/handover.html", ticket=ticket)


@blueprint.get("/tickets/<number>/edit")
@role(*AGENTS)
def edit_ticket(number: str) -> str:
    ticket = find_or_404(queries.whole(Ticket.numbered(number, current_user)))
    levels = promised(ticket.client, str(ticket.impact), str(ticket.urgency)) | {"due": ticket.due_at}
    return render_template("handover/edit.html", ticket=ticket, form=form_for(ticket), client=ticket.client, kept=[],
                           caller=ticket.requester, **levels)  # fmt: skip


@blueprint.get("/attachments/<token>")
@any_role
def show_attachment(token: str) -> Any:
    return uploads.serve(find_or_404(Attachment.visible_to(current_user).where(Attachment.token == token)))


def page_of(ticket: Ticket, refused: str | None = None, reason: str = "") -> str:
    """The ticket; `refused` tells why it was not cancelled for the `reason` that was typed."""
    offered = windows.choices(ticket.client, now()) if may_write() and queries.waits(ticket) else []
    return page_or_fragment("handover/ticket.html", ticket=ticket, entries=queries.history(ticket),
                            windows=queries.windows(ticket), offered=offered, sentences=sentences,
                            cursor=live.cursor(), may_write=may_write(), refused=refused, reason=reason,
                            legal=ticket_ending.legal_moves(ticket, current_user), longest=ticket_ending.LONGEST_REASON,
                            closes=queries.closes(ticket), busy=queries.busy(ticket))  # fmt: skip


def promised(client: Client, impact: str | None, urgency: str | None) -> dict[str, Any]:
    """The priority of these levels and its due time; nothing while one of them is open."""
    if impact not in ("1", "2", "3") or urgency not in ("1", "2", "3"):
        return {"priority": None, "due": None}
    priority = priority_of(int(impact), int(urgency))
    return {"priority": priority, "due": due_at(client, now(), priority)}


def may_write() -> bool:
    return current_user.role in AGENTS


def chosen_client(clients: list[Client]) -> Client | None:
    """The one asked for, else the one of last time, else the first."""
    asked = request.values.get("client")
    if asked:
        return client_of_request()
    last = session.get("client")
    return next((client for client in clients if client.id == last), clients[0] if clients else None)


def client_of_request() -> Client:
    """The client that the request names by its id, within what the user may see."""
    asked = request.values.get("client", "")
    if not (asked.isascii() and asked.isdigit() and len(asked) < 12):
        abort(404)
    return find_or_404(Client.visible_to(current_user).where(Client.id == int(asked)))


def form_for(ticket: Ticket) -> HandoverForm:
    """The form with what is known of a ticket."""
    latest = ticket.handover
    data: dict[str, Any] = {
        name: getattr(ticket, name)
        for name in ("summary", "description", "floor", "desk", "phone", "asset", "external_id")
    }
    data |= {
        name: str(getattr(ticket, f"{name}_id") or "") for name in ("building", "category", "admin_right")
    }
    data |= {
        "requester": ticket.requester.name if ticket.requester else "",
        "requester_id": ticket.requester_id,
    }
    data |= {"contact": ticket.contact.name if ticket.contact else "", "impact": str(ticket.impact)}
    data |= {"contact_phone": ticket.contact.phone if ticket.contact else "", "urgency": str(ticket.urgency)}
    data |= {"reasons": latest.reasons if latest else [], "steps_tried": latest.steps_tried if latest else ""}
    data["available"] = ["/".join(span) for span in ticket.available]
    lists = queries.lists_of(ticket.client, str(ticket.requester_id or ""))
    return HandoverForm(ticket.client, lists, ticket, data)
