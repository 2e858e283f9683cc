"""Every key of the board, once: the templates' `data-shortcut`, the scripts that handle keys and the help all read it here."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from dispatch.board import blueprint
from dispatch.board.regions import asked_day, asked_territory, shared
from dispatch.security import role
from dispatch.web import page_or_fragment


@dataclass(frozen=True, slots=True)
class Shortcut:
    """Something that keys do. `keys` as js/keys.js reads them: each of them does it."""

    name: str
    told: Any
    keys: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Group:
    """Shortcuts that belong together; `where` says when they work."""

    title: Any
    where: Any
    shortcuts: tuple[Shortcut, ...]


GROUPS = (
    Group(_l("The day"), _l("anywhere on the board"), (
        Shortcut("before", _l("Day before"), ("alt+b",)),
        Shortcut("after", _l("Day after"), ("alt+n",)),
        Shortcut("figures", _l("Day’s figures"), ("alt+c",)),
        Shortcut("day_menu", _l("Menu of the day"), ("alt+j",)),
        Shortcut("optimise", _l("Ask for a plan; try what is assumed"), ("alt+o",)),
        Shortcut("proposal", _l("Read what the engine proposes"), ("alt+p",)),
        Shortcut("accept", _l("Accept it, once it is open"), ("alt+a",)),
        Shortcut("what_if", _l("What if…"), ("alt+e",)),
        Shortcut("undo", _l("What was changed, to undo it"), ("alt+z",)),
        Shortcut("help", _l("This help"), ("?", "alt+h")),
    )),
    Group(_l("How the routes are shown"), _l("anywhere on the board"), (
        Shortcut("map", _l("Map, open or shut"), ("alt+k",)),
        Shortcut("find", _l("Find on the board"), ("alt+f",)),
        Shortcut("wider", _l("Show more hours"), ("alt+-",)),
        Shortcut("closer", _l("Show fewer hours"), ("alt+=",)),
    )),
    Group(_l("From job to job"), _l("on a job of the timeline, or a place of the map"), (
        Shortcut("right", _l("The next one; a place to the east"), ("arrowright",)),
        Shortcut("left", _l("The one before; a place to the west"), ("arrowleft",)),
        Shortcut("down", _l("The row below; a place to the south"), ("arrowdown",)),
        Shortcut("up", _l("The row above; a place to the north"), ("arrowup",)),
    )),
    Group(_l("The open job"), _l("once a job was opened with Enter"), (
        Shortcut("move", _l("Move it: everybody with the consequences, or another day and time"), ("alt+m",)),
        Shortcut("take_back", _l("Take it out of the plan"), ("alt+r",)),
        Shortcut("next_lock", _l("Its next lock: technician, time, both, none"), ("alt+l",)),
    )),
    Group(_l("Several jobs"), _l("on a job of the timeline or of the decisions"), (
        Shortcut("pick", _l("Select it, or no more"), ("space", "x")),
        Shortcut("pick_more", _l("Select up to the next one"),
                 ("shift+arrowright", "shift+arrowleft", "shift+arrowdown", "shift+arrowup")),
        Shortcut("lock", _l("Its next lock; that of all selected when it is one of them"), ("l",)),
        Shortcut("select_mode", _l("A click selects instead of opening"), ("alt+s",)),
        Shortcut("bar", _l("To what can be done with all selected"), ("alt+a",)),
        Shortcut("leave", _l("Select none; show all that was found or filtered"), ("escape",)),
    )),
)  # fmt: skip
KEYS = {one.name: " ".join(one.keys) for group in GROUPS for one in group.shortcuts}


@blueprint.context_processor
def shortcut() -> dict[str, Any]:
    """For the board's templates: `shortcut.undo` is the text of a data-shortcut, `shortcuts` what scripts read."""
    return {"shortcut": KEYS, "shortcuts": {name: keys.split() for name, keys in KEYS.items()}}


@blueprint.get("/board/shortcuts")
@role("dispatcher", "administrator")
def index_shortcuts() -> str:
    territory = asked_territory()
    groups = [
        (group, [(one.told, [_caps(keys) for keys in one.keys]) for one in group.shortcuts])
        for group in GROUPS
    ]
    return page_or_fragment(
        "board/shortcuts/index.html", **shared(territory, asked_day(territory)), groups=groups
    )


def _caps(keys: str) -> list[tuple[str, str]]:
    """The keys to press together: what stands on each, and what it is called where that is a drawing."""
    named = {
        "shift": _("Shift"), "alt": "Alt", "escape": _("Esc"), "space": _("Space"), "arrowright": "→", "arrowleft": "←",
        "arrowdown": "↓", "arrowup": "↑",
    }  # fmt: skip
    said = {"→": _("right arrow"), "←": _("left arrow"), "↓": _("down arrow"), "↑": _("up arrow")}
    caps = [named.get(key, key.upper()) for key in keys.split("+")]
    return [(cap, said.get(cap, "")) for cap in caps]
