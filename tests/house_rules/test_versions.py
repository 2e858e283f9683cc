"""A job and a ticket change through the session, which counts their version: whoever has read one knows by it whether he still has it."""

import ast

from tests.house_rules.source import modules

COUNTED = {"Job", "Ticket"}


def test_jobs_and_tickets_are_updated_through_the_session_alone():
    wrong = [
        f"{module}:{node.lineno} {ast.unparse(node)}"
        for module in modules()
        for node in ast.walk(module.tree)
        if isinstance(node, ast.Call) and ast.unparse(node.func) in ("update", "sa.update")
        if {ast.unparse(given).split(".")[0] for given in node.args} & COUNTED
    ]
    assert not wrong, (
        "set the fields of the row instead: an update() leaves its version behind\n" + "\n".join(wrong)
    )
