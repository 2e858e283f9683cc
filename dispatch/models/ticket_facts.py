"""What is known of a ticket: what was said put on it, and what nobody has said yet."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from dispatch.models.calendar import due_at
from dispatch.models.directory import find_or_add
from dispatch.models.handed import Handed
from dispatch.models.needs import PLACE
from dispatch.models.ticket import Handover, Ticket
from dispatch.models.user import User
from dispatch.sla.priority import priority_of


def apply_facts(ticket: Ticket, handed: Handed, counted_from: datetime) -> list[str]:
    """Put what was said on the ticket; the names of what changed."""
    said = _said(ticket, handed)
    changed = [name for name, value in said.items() if value is not None and getattr(ticket, name) != value]
    for name in changed:
        setattr(ticket, name, said[name])
    priority = priority_of(ticket.impact, ticket.urgency)
    if ticket.due_at is None or priority != ticket.priority or counted_from != ticket.opened_at:
        ticket.priority, ticket.due_at = priority, due_at(ticket.client, counted_from, priority)
    return changed


def says_more(handed: Handed, latest: Handover | None) -> bool:
    if latest is None:
        return True
    more_reasons = bool(handed.reasons) and set(handed.reasons) != set(latest.reasons)
    return more_reasons or _clean(handed.steps_tried) not in (None, latest.steps_tried)


def note_handover(ticket: Ticket, handed: Handed, by: User | None, at: datetime) -> Handover:
    """One more escalation; what it leaves unsaid holds on from the one before."""
    latest = ticket.handover
    reasons = list(handed.reasons) or (list(latest.reasons) if latest else [])
    tried = _clean(handed.steps_tried) or (latest.steps_tried if latest else None)
    handover = Handover(at=at, agent=by, reasons=reasons, steps_tried=tried)
    ticket.handovers.append(handover)
    return handover


def note_gaps(ticket: Ticket, handed: Handed) -> None:
    """Tell what is missing from what somebody said to be unknown."""
    gaps = [name for name, value in _facts(ticket, handed).items() if not value]
    told = {*ticket.unknown, *handed.unknown}
    unknown, missing = [name for name in gaps if name in told], [name for name in gaps if name not in told]
    if (unknown, missing) != (ticket.unknown, ticket.missing):
        ticket.unknown, ticket.missing = unknown, missing


def _said(ticket: Ticket, handed: Handed) -> dict[str, Any]:
    requester = find_or_add(ticket.client, handed.requester)
    said: dict[str, Any] = {
        name: _clean(getattr(handed, name)) for name in ("summary", "description", "floor", "desk", "asset")
    }
    said |= {
        name: getattr(handed, name) for name in ("category", "building", "admin_right", "impact", "urgency")
    }
    said["kind"] = handed.kind or (handed.category.kind if handed.category else None)
    said["phone"] = _clean(handed.phone) or (requester.phone if requester and not ticket.phone else None)
    said["available"] = _as_texts(handed.available)
    return said | {"requester": requester, "contact": find_or_add(ticket.client, handed.contact)}


def _as_texts(available: tuple[tuple[datetime, datetime], ...] | None) -> list[list[str]] | None:
    return [[start.isoformat(), end.isoformat()] for start, end in sorted(available)] if available else None


def _clean(text: str | None) -> str | None:
    return (text or "").strip() or None


def _facts(ticket: Ticket, handed: Handed) -> dict[str, Any]:
    latest, category = ticket.handover, ticket.category
    reasons = latest.reasons if latest else []
    facts: dict[str, Any] = {
        name: getattr(ticket, name) for name in ("requester", "category", *PLACE, "phone")
    }
    facts |= {"asset": ticket.asset, "available": ticket.available, "escalation_reasons": reasons}
    facts["steps_tried"] = latest and latest.steps_tried
    if "admin_rights" in reasons:
        facts["admin_right"] = ticket.admin_right or (category and category.admin_right)
    known_minutes = any(job.duration_minutes for job in ticket.jobs)
    facts["duration_minutes"] = (
        handed.duration_minutes or known_minutes or (category and category.duration_minutes)
    )
    for name in ("impact", "urgency"):
        facts[name] = getattr(handed, name) or name not in (*ticket.missing, *ticket.unknown)
    return facts
