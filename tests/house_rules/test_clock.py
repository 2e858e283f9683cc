"""One reader of the wall clock, so that history can be replayed and tests can choose their day."""

from tests.house_rules.source import modules

WALL_CLOCK = (
    "datetime.now", "datetime.utcnow", "datetime.today", "date.today", "time.time", "time.time_ns",
    "time.localtime", "time.gmtime", "func.now", "func.current_timestamp", "Timestamp.now",
)  # fmt: skip


def test_the_wall_clock_is_read_only_in_clock_py():
    wrong = [
        f"{module}:{line} {name}"
        for module in modules()
        if module.path != "dispatch/clock.py"
        for line, name in [*module.calls(), *_bare_imports(module)]
        if name.endswith(WALL_CLOCK) and _whole_word(name)
    ]
    assert not wrong, "call dispatch.clock.now(); durations are measured with time.monotonic\n" + "\n".join(
        wrong
    )


def _bare_imports(module):
    """`from time import time` would hide the clock behind a plain name."""
    return [(line, name) for line, name in module.imports() if name in ("time.time", "time.localtime")]


def _whole_word(name: str) -> bool:
    return any(f".{name}".endswith(f".{reader}") for reader in WALL_CLOCK)
