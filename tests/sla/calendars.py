"""The calendars the tests are worked on. Holidays are written out, not computed."""

from datetime import date

from dispatch.sla.calendar import Calendar

PARIS = "Europe/Paris"
ATLANTIC = "America/Guadeloupe"

FRENCH_HOLIDAYS = frozenset(
    date.fromisoformat(day)
    for day in (
        "2026-01-01", "2026-04-06", "2026-05-01", "2026-05-08", "2026-05-14", "2026-05-25", "2026-07-14",
        "2026-08-15", "2026-11-01", "2026-11-11", "2026-12-25",
        "2027-01-01", "2027-03-29", "2027-05-01", "2027-05-06", "2027-05-08", "2027-05-17", "2027-07-14",
        "2027-08-15", "2027-11-01", "2027-11-11", "2027-12-25",
        "2028-01-01", "2028-04-17", "2028-05-01", "2028-05-08", "2028-05-25", "2028-06-05", "2028-07-14",
        "2028-08-15", "2028-11-01", "2028-11-11", "2028-12-25",
    )
)  # fmt: skip

OFFICE_DAY = ((480, 720), (840, 1080))
OFFICE_WEEK = (OFFICE_DAY,) * 5 + ((), ())

OFFICE = Calendar(PARIS, OFFICE_WEEK, FRENCH_HOLIDAYS)
ALWAYS = Calendar(PARIS, (((0, 1440),),) * 7)
NIGHTS = Calendar(PARIS, (((1320, 1800),),) * 7, FRENCH_HOLIDAYS)
NIGHTS_FULL_DAY = Calendar(PARIS, (((480, 1080), (1080, 1920)),) * 7)
GUADELOUPE = Calendar(ATLANTIC, OFFICE_WEEK, FRENCH_HOLIDAYS | {date(2026, 5, 27), date(2026, 7, 21)})
