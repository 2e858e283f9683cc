"""What the screens of the handover read."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask_login import current_user
from sqlalchemy import Select, false, func, or_, select
from sqlalchemy.orm import joinedload, selectinload

from dispatch import sentences
from dispatch.extensions import db
from dispatch.models import ticket_ending
from dispatch.models.client import AdminRight, Category, Client, Connection
from dispatch.models.event import Event
from dispatch.models.job import FIRST_NUMBER as JOB_NUMBERS
from dispatch.models.job import Job
from dispatch.models.place import Building, Site
from dispatch.models.technician import Technician
from dispatch.models.ticket import FIRST_NUMBER, Handover, Requester, Ticket
from dispatch.models.user import User

PAGE = 50
# how the list is narrowed: name -> states
STATES = {
    "open": ("open", "in_progress", "on_hold"),
    "on_hold": ("on_hold",),
    "ended": ("resolved", "closed", "cancelled"),
    "all": (),
}


@dataclass(frozen=True, slots=True)
class Filters:
    """What the agent asked the list for."""

    whose: str = "mine"
    state: str = "open"
    text: str = ""
    page: int = 1

    @classmethod
    def of(cls, arguments: Any, user: User) -> Filters:
        """Read them from the address; what makes no sense becomes the usual."""
        mine = user.role == "phone_agent"
        page = arguments.get("page", "1")
        return cls(
            whose=arguments.get("whose")
            if arguments.get("whose") in ("mine", "all")
            else "mine"
            if mine
            else "all",
            state=arguments.get("state") if arguments.get("state") in STATES else "open",
            text=arguments.get("q", "").strip()[:100],
            page=int(page) if page.isascii() and page.isdigit() and 0 < len(page) < 6 and int(page) else 1,
        )

    def address(self, **changed: Any) -> dict[str, Any]:
        """The same as parameters of an address, with some of them changed."""
        return {"whose": self.whose, "state": self.state, "q": self.text or None, **changed}


@dataclass(frozen=True, slots=True)
class TicketPage:
    """One page of the list."""

    tickets: list[Ticket]
    total: int
    first: int

    @property
    def last(self) -> int:
        return self.first + len(self.tickets) - 1


def clients() -> list[Client]:
    return list(db.session.scalars(Client.visible_to(current_user)))


def lists_of(client: Client, requester_id: str = "") -> dict[str, list[Any]]:
    """What a handover of this client can choose from, and the requester who was picked."""
    buildings = Building.visible_to(current_user).where(Site.client_id == client.id)
    categories = (
        select(Category).where(Category.client_id == client.id).options(joinedload(Category.admin_right))
    )
    rights = select(AdminRight).where(AdminRight.client_id == client.id).order_by(AdminRight.label)
    picked = Requester.visible_to(current_user).where(Requester.client_id == client.id)
    known = requester_id.isascii() and requester_id.isdigit() and len(requester_id) < 12
    return {
        "building": list(db.session.scalars(buildings)),
        "category": list(db.session.scalars(categories.order_by(Category.label_fr))),
        "admin_right": list(db.session.scalars(rights)),
        "connection": list(db.session.scalars(select(Connection).where(Connection.client_id == client.id))),
        "requester": list(db.session.scalars(picked.where(Requester.id == int(requester_id))))
        if known
        else [],
    }


def tickets(filters: Filters) -> TicketPage:
    """The page of tickets that the user may see, those that came back to the agent first, then the newest."""
    found = _narrowed(filters)
    total = db.session.scalar(select(func.count()).select_from(found.order_by(None).subquery())) or 0
    first = (filters.page - 1) * PAGE
    page = found.order_by(_came_back().desc(), Ticket.opened_at.desc(), Ticket.id.desc())
    shown = page.options(*_shown()).limit(PAGE).offset(first)
    return TicketPage(list(db.session.scalars(shown).unique()), total, first + 1)


def counts(filters: Filters) -> dict[str, int]:
    """How many tickets each state would show, with the other filters as they are."""
    base = _narrowed(Filters(filters.whose, "all", filters.text)).order_by(None).subquery()
    rows = db.session.execute(select(base.c.state, func.count()).group_by(base.c.state)).all()
    return {name: sum(n for s, n in rows if not states or s in states) for name, states in STATES.items()}


def whole(query: Select[Ticket]) -> Select[Ticket]:
    """The query of one ticket with all that its page shows."""
    return query.options(
        *_shown(), joinedload(Ticket.contact), joinedload(Ticket.building), joinedload(Ticket.admin_right),
        joinedload(Ticket.connection), selectinload(Ticket.attachments),
    )  # fmt: skip


def windows(ticket: Ticket) -> list[tuple[datetime, datetime]]:
    """When the requester is there."""
    return [(datetime.fromisoformat(begin), datetime.fromisoformat(end)) for begin, end in ticket.available]


def waits(ticket: Ticket) -> bool:
    """Whether a job waits for an answer, an access or a part."""
    return any(job.awaits for job in ticket.open_jobs)


def closes(ticket: Ticket) -> datetime | None:
    """When a resolved ticket closes by itself."""
    if ticket.state != "resolved" or ticket.imported or ticket.resolved_at is None:
        return None
    return ticket_ending.closes_at(ticket.client, ticket.resolved_at)


def busy(ticket: Ticket) -> str:
    """Who is at it just now, and what has to be done before it can be cancelled."""
    jobs = ticket_ending.under_way(ticket)
    return sentences.under_way(jobs) if jobs else ""


@dataclass(frozen=True, slots=True)
class Entry:
    """What happened, when, and who did it."""

    at: datetime
    told: str
    who: str | None
    job: str | None


def history(ticket: Ticket) -> list[Entry]:
    """The log of the ticket and its jobs in words, as far as the reader may know it, newest first."""
    log = select(Event, User.name, Technician.name).where(
        Event.ticket_id == ticket.id, Event.heard_by(current_user)
    )
    log = log.outerjoin(User, User.id == Event.actor_id).outerjoin(
        Technician, Technician.id == Event.technician_id
    )
    entries = [_entry(*row) for row in db.session.execute(log.order_by(Event.id.desc()).limit(200))]
    return [entry for entry in entries if entry.told]


def _entry(event: Event, actor: str | None, technician: str | None) -> Entry:
    told = sentences.event(event.kind, event.told_to(current_user), technician or "")
    return Entry(event.at, told, actor, f"INT-{JOB_NUMBERS + event.job_id}" if event.job_id else None)


def _narrowed(filters: Filters) -> Select[Ticket]:
    found = Ticket.visible_to(current_user)
    if filters.whose == "mine":
        handed = select(Handover.ticket_id).where(Handover.agent_id == current_user.id)
        found = found.where(or_(Ticket.agent_id == current_user.id, Ticket.id.in_(handed)))
    if STATES[filters.state]:
        found = found.where(Ticket.state.in_(STATES[filters.state]))
    for word in filters.text.split()[:6]:
        found = found.where(_mentions(word))
    return found


def _mentions(word: str) -> Any:
    """Whether a ticket is meant by a word: its number, the client's number, what is wrong, who, or where."""
    number = word.upper().removeprefix("T-")
    is_number = number.isascii() and number.isdigit() and len(number) < 10
    people = select(Requester.id).where(Requester.name.icontains(word, autoescape=True))
    jobs = (
        select(Job.ticket_id).where(Job.id == int(word[4:]) - JOB_NUMBERS) if _is_job_number(word) else None
    )
    return or_(
        Ticket.id == int(number) - FIRST_NUMBER if is_number else false(),
        Ticket.id.in_(jobs) if jobs is not None else false(),
        Ticket.external_id.icontains(word, autoescape=True),
        Ticket.summary.icontains(word, autoescape=True),
        Ticket.requester_id.in_(people),
    )


def _is_job_number(word: str) -> bool:
    digits = word[4:]
    return word.upper().startswith("INT-") and digits.isascii() and digits.isdigit() and len(digits) < 10


def _came_back() -> Any:
    return (Ticket.state == "on_hold") & (Ticket.hold_reason == "handover")


def _shown() -> tuple[Any, ...]:
    return (
        joinedload(Ticket.client), joinedload(Ticket.requester), joinedload(Ticket.category), joinedload(Ticket.agent),
        selectinload(Ticket.handovers).joinedload(Handover.agent),
        selectinload(Ticket.jobs).joinedload(Job.technician),
    )  # fmt: skip
