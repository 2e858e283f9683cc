from datetime import UTC, datetime

import pytest

from dispatch.sla.priority import DEFAULT_TARGETS, due, priority_of
from tests.sla.calendars import ALWAYS, OFFICE

MONDAY_MORNING = datetime(2026, 11, 23, 8, tzinfo=UTC)  # 09:00 in Paris


@pytest.mark.parametrize(
    ("impact", "urgency", "expected"),
    [
        (1, 1, 1), (1, 2, 2), (1, 3, 3),
        (2, 1, 2), (2, 2, 3), (2, 3, 4),
        (3, 1, 3), (3, 2, 4), (3, 3, 4),
    ],
)  # fmt: skip
def test_impact_and_urgency_make_the_priority(impact: int, urgency: int, expected: int) -> None:
    assert priority_of(impact, urgency) == expected


@pytest.mark.parametrize(("impact", "urgency"), [(0, 1), (1, 4), (-1, 2)])
def test_what_lies_outside_the_matrix_is_refused(impact: int, urgency: int) -> None:
    with pytest.raises(ValueError, match="from 1 to 3"):
        priority_of(impact, urgency)


@pytest.mark.parametrize(
    ("priority", "expected"),
    [
        (1, datetime(2026, 11, 23, 14, tzinfo=UTC)),
        (2, datetime(2026, 11, 24, 8, tzinfo=UTC)),
        (3, datetime(2026, 11, 25, 8, tzinfo=UTC)),
        (4, datetime(2026, 11, 30, 8, tzinfo=UTC)),
    ],
)
def test_a_ticket_is_due_after_the_working_hours_of_its_priority(priority: int, expected: datetime) -> None:
    assert due(OFFICE, MONDAY_MORNING, priority) == expected


def test_a_client_may_have_its_own_targets_and_calendar() -> None:
    targets = {**DEFAULT_TARGETS, 1: 1}
    assert due(ALWAYS, MONDAY_MORNING, 1, targets) == datetime(2026, 11, 23, 9, tzinfo=UTC)
