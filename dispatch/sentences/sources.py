"""Where figures come from: the travel times of a plan, the duration of a job."""

from __future__ import annotations

from collections.abc import Mapping

from flask_babel import gettext as _
from flask_babel import ngettext

from dispatch.labels import label


def remark(code: str) -> str:
    """What is to be known of a plan's travel times: `no_street_times:transit`, `street_router_silent:walk`."""
    kind, _colon, profile = code.partition(":")
    way = label(profile, "profile")
    told = {
        "no_street_times": _("Trips %(way)s are estimated: the street router has no times for them", way=way),
        "street_router_silent": _(
            "Some trips %(way)s are estimated: the street router has not given their times yet", way=way
        ),
    }
    return told.get(kind, code)


def duration_source(source: str | None, basis: Mapping[str, int]) -> str:
    """Who says how long a job should take; empty where nobody wrote it down."""
    if source == "learned":
        return _learned(basis["jobs"], basis["near"], basis["quantile"])
    told = {"said": _("entered by hand"), "category": _("as usual for this kind of work")}
    return told.get(source or "", "")


def _learned(jobs: int, near: int, quantile: int) -> str:
    similar = ngettext("learned: %(num)d similar job", "learned: %(num)d similar jobs", jobs)
    if near < jobs:
        similar += ngettext(", %(num)d of them just like it", ", %(num)d of them just like it", near)
    share = _("%(share)d%% took no longer", share=quantile)
    return f"{similar} · {share}"
