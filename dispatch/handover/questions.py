"""What is asked during the call, and the answers that are offered."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _

# what to say to the caller, or to oneself, when the answer is missing
QUESTIONS: dict[str, Any] = {
    "requester": _("Who is speaking, please?"),
    "phone": _("On which number can we reach you today?"),
    "building": _("Which building are you in?"),
    "floor": _("On which floor are you?"),
    "desk": _("What is the number of your office or desk?"),
    "category": _("What kind of problem is it?"),
    "summary": _("What exactly does not work?"),
    "asset": _("What is written on the label of the device?"),
    "steps_tried": _("What have you tried already?"),
    "admin_right": _("Which administrator right does it need?"),
    "impact": _("How many people are held up?"),
    "urgency": _("Can you go on working?"),
    "available": _("When are you there, or can be reached?"),
    "duration": _("How long will it take, roughly?"),
}
IMPACTS = [(1, _("A whole department"), _("or the building")), (2, _("A team"), _("several people")),
           (3, _("One person"), None)]  # fmt: skip
URGENCIES = [(1, _("No"), _("work has stopped")), (2, _("With difficulty"), _("a way round exists")),
             (3, _("Yes"), _("it can wait"))]  # fmt: skip
REASON_NOTES = {"time": _("a scheduled call"), "admin_rights": _("a call by somebody who holds the right"),
                "presence": _("a visit on site")}  # fmt: skip
DURATIONS = (10, 15, 20, 30, 45, 60, 90, 120, 180, 240, 480)
