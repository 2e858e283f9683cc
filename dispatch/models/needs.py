"""What a job of a ticket needs: how it is done, where, with which skill, right and things, how long."""

from __future__ import annotations

from typing import Any

from dispatch.models.duration import length
from dispatch.models.ticket import Ticket

PLACE = ("building", "floor", "desk")


def needs_of(ticket: Ticket, minutes: int | None = None) -> dict[str, Any]:
    """What a job of the ticket needs, as columns of Job; `minutes` outweighs history and catalogue."""
    category, building = ticket.category, ticket.building
    needs: dict[str, Any] = {name: getattr(ticket, name) for name in PLACE}
    needs["territory_id"] = building.site.territory_id if building else ticket.client.territory_id
    needs["mode"] = _mode(ticket)
    needs["admin_right"] = ticket.admin_right or (category and category.admin_right)
    needs["skills"] = {category.skill.code: category.level} if category and category.skill else {}
    needs |= length(category, needs["mode"], needs["skills"], ticket.building, minutes)
    return needs | {
        "tools": list(category.tools) if category else [],
        "parts": dict(category.parts) if category else {},
    }


def _mode(ticket: Ticket) -> str:
    """Presence wins, the other reasons try remotely first; without a reason the category gives a hint."""
    reasons = ticket.handover.reasons if ticket.handover else []
    if "presence" in reasons:
        return "on_site"
    if reasons:
        return "remote"
    hint = ticket.category.mode if ticket.category else None
    return hint or ("on_site" if ticket.building else "remote")
