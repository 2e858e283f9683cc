from datetime import UTC, datetime

import pytest

from dispatch.sla.priority import DEFAULT_TARGETS, Priority, due, priority_of
from tests.sla.calendars import ALWAYS, OFFICE

MONDAY_MORNING = datetime(2026, 11, 23, 8, tzinfo=UTC)  # 09:00 in Paris


@pytest.mark.parametrize(
    ("impact", "urgency", "expected"),
    [
        (1, 1, "P1"), (1, 2, "P2"), (1, 3, "P3"),
        (2, 1, "P2"), (2, 2, "P3"), (2, 3, "P4"),
        (3, 1, "P3"), (3, 2, "P4"), (3, 3, "P4"),
    ],
)  # fmt: skip
def test_impact_and_urgency_make_the_priority(impact: int, urgency: int, expected: str) -> None:
    assert priority_of(impact, urgency) == expected


@pytest.mark.parametrize(("impact", "urgency"), [(0, 1), (1, 4), (-1, 2)])
def test_what_lies_outside_the_matrix_is_refused(impact: int, urgency: int) -> None:
    with pytest.raises(ValueError, match="from 1 to 3"):
        priority_of(impact, urgency)


@pytest.mark.parametrize(
    ("priority", "expected"),
    [
        ("P1", datetime(2026, 11, 23, 14, tzinfo=UTC)),
        ("P2", datetime(2026, 11, 24, 8, tzinfo=UTC)),
        ("P3", datetime(2026, 11, 25, 8, tzinfo=UTC)),
        ("P4", datetime(2026, 11, 30, 8, tzinfo=UTC)),
    ],
)
def test_a_ticket_is_due_after_the_working_hours_of_its_priority(priority: str, expected: datetime) -> None:
    assert due(OFFICE, MONDAY_MORNING, priority) == expected


def test_a_client_may_have_its_own_targets_and_calendar() -> None:
    targets = {**DEFAULT_TARGETS, "P1": 30}
    assert due(ALWAYS, MONDAY_MORNING, Priority.P1, targets) == datetime(2026, 11, 23, 8, 30, tzinfo=UTC)
