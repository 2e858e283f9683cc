"""A pause, a kiosk, the end of a shift, as the phone's forms and its queue say them: one verb for both."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from dispatch.models import queue
from dispatch.models import whereabouts as places
from dispatch.models.place import Kiosk
from dispatch.models.transitions import Incomplete
from dispatch.models.user import User
from dispatch.planning import whereabouts
from dispatch.replay.details import number_in


def be(said: Mapping[str, str], whose: User, by: User, at: datetime) -> None:
    """Let it take effect; raises Incomplete, or UnderWay with the job that keeps him from it."""
    technician = whose.technician
    assert technician is not None  # only a technician has a phone
    minutes = number_in(said, "minutes") or 0
    match said.get("say"):
        case "pause":
            whereabouts.pause(technician, minutes, by, at)
        case "resume":
            whereabouts.resume(technician, by, at)
        case "kiosk":
            whereabouts.go_to_kiosk(technician, _kiosk(said, whose, at), minutes, by, at)
        case "leave":
            whereabouts.leave_kiosk(technician, by, at)
            queue.free_desk(technician, by)
        case "off":
            whereabouts.end_shift(technician, by, at)
            queue.free_desk(technician, by)
        case _:
            raise Incomplete("say")


def _kiosk(said: Mapping[str, str], whose: User, at: datetime) -> Kiosk | None:
    """One of those that are offered: of his territory, or where he is expected."""
    assert whose.technician is not None
    expected = [duty.kiosk for duty in places.planned(whose.technician, at)]
    wanted = number_in(said, "kiosk")
    return next((one for one in [*expected, *places.kiosks(whose)] if one.id == wanted), None)
