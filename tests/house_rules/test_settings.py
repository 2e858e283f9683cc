"""An operator finds every setting in one place of the docs, and every documented one exists."""

import ast
import re
from dataclasses import fields

import pytest

from dispatch.config import Settings
from tests.house_rules.source import ROOT, modules


def test_the_operations_manual_lists_exactly_the_settings_there_are():
    manual = (ROOT / "docs" / "operations.md").read_text()
    documented = set(re.findall(r"^\| `([A-Z][A-Z0-9_]*)` \|", manual, re.MULTILINE))
    existing = {field.name.upper() for field in fields(Settings)}
    assert documented == existing, (
        "docs/operations.md has one table row | `NAME` | for each field of Settings"
    )


@pytest.mark.parametrize("field", fields(Settings), ids=lambda field: field.name)
def test_every_setting_says_what_it_means(field):
    assert field.metadata.get("meaning"), f"{field.name}: write setting(default, meaning)"


def test_every_setting_is_read_somewhere():
    (config,) = [module for module in modules() if module.path == "dispatch/config.py"]
    trees = [module.tree for module in modules() if module is not config]
    read = _attributes(*trees, ast.parse((ROOT / "gunicorn.conf.py").read_text()))
    doors = [
        node for node in ast.walk(config.tree) if isinstance(node, ast.FunctionDef) and node.name in read
    ]
    unread = {field.name for field in fields(Settings)} - read - _attributes(*doors)
    assert not unread, "a setting that nothing reads promises what it does not keep"


def _attributes(*trees):
    return {node.attr for tree in trees for node in ast.walk(tree) if isinstance(node, ast.Attribute)}


def test_the_environment_is_read_in_config_py_only():
    wrong = [
        f"{module}:{node.lineno} {ast.unparse(node)}"
        for module in modules()
        if module.path != "dispatch/config.py"
        for node in ast.walk(module.tree)
        if isinstance(node, ast.Attribute) and ast.unparse(node) in ("os.environ", "os.getenv")
    ]
    assert not wrong, "add a field to Settings in dispatch/config.py\n" + "\n".join(wrong)
