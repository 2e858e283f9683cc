"""What somebody did on a job beside the plan, as pages show it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from dispatch.sentences import replayed
from dispatch.sync import blueprint


@blueprint.app_template_filter()
def worked_words(entry: Mapping[str, Any]) -> str:
    return replayed.action_words("transition", entry)


@blueprint.app_template_filter()
def moment(told: str) -> datetime:
    """An instant as JSON keeps it."""
    return datetime.fromisoformat(told)
