"""Transactions end where a request, a command or a task ends, never in the middle of a verb."""

from tests.house_rules.source import lies_in, modules

MAY_COMMIT = (
    "dispatch/*/*actions.py",
    "dispatch/board/shift/actions.py",
    "dispatch/accounts/*.py",
    "dispatch/api/*.py",
    "dispatch/cli.py",
    "dispatch/receipts.py",  # a key is reserved before, and its answer kept with, the effect
    "dispatch/replay/ledger.py",  # an action of a phone and its effect, one by one
    "dispatch/tasks.py",
    "dispatch/planning/run.py",  # progress must be seen while the solver works
    "dispatch/itsm/outbox.py",  # before and after each call to the outside
)


def test_commit_appears_only_where_a_unit_of_work_ends():
    wrong = [
        f"{module}:{line} {name}()"
        for module in modules()
        if not lies_in(module.path, MAY_COMMIT)
        for line, name in module.calls()
        if name == "commit" or name.endswith(".commit")
    ]
    assert not wrong, "let the action, command or task that calls you commit\n" + "\n".join(wrong)
