"""The product's own source, read once for the tests that police it."""

from __future__ import annotations

import ast
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]


@dataclass(frozen=True)
class Module:
    """One Python file of dispatch/."""

    path: str
    name: str
    tree: ast.Module

    def __str__(self) -> str:
        return self.path

    def imports(self) -> Iterator[tuple[int, str]]:
        """Line and dotted name of everything imported, `from a import b` as `a.b`."""
        for node in ast.walk(self.tree):
            if isinstance(node, ast.Import):
                yield from ((node.lineno, alias.name) for alias in node.names)
            elif isinstance(node, ast.ImportFrom):
                origin = self._origin(node)
                yield from ((node.lineno, f"{origin}.{alias.name}") for alias in node.names)

    def calls(self) -> Iterator[tuple[int, str]]:
        """Line and written name of every call, such as `datetime.now` or `db.session.commit`."""
        for node in ast.walk(self.tree):
            if isinstance(node, ast.Call):
                yield node.lineno, ast.unparse(node.func)

    def _origin(self, node: ast.ImportFrom) -> str:
        if not node.level:
            return node.module or ""
        package = self.name.split(".")
        if not self.path.endswith("__init__.py"):
            package = package[:-1]
        base = package[: len(package) - node.level + 1]
        return ".".join([*base, node.module] if node.module else base)


@cache
def modules() -> tuple[Module, ...]:
    return tuple(_module(path) for path in sorted((ROOT / "dispatch").rglob("*.py")))


def inside(*packages: str) -> list[Module]:
    """The modules of these packages of dispatch, such as `routing`."""
    return [
        module
        for module in modules()
        if module.name.split(".")[1:2] and module.name.split(".")[1] in packages
    ]


@cache
def tracked_files() -> tuple[str, ...]:
    """What git would keep: tracked files, and new ones that are not ignored."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT, capture_output=True, text=True, check=True,
    )  # fmt: skip
    return tuple(name for name in listed.stdout.splitlines() if (ROOT / name).is_file())


def lies_in(path: str, places: tuple[str, ...]) -> bool:
    """Whether the file matches one of the places, such as `dispatch/*/actions.py`."""
    return any(Path(path).match(place) for place in places)


def _module(path: Path) -> Module:
    name = path.relative_to(ROOT).with_suffix("").as_posix().replace("/", ".").removesuffix(".__init__")
    return Module(path.relative_to(ROOT).as_posix(), name, ast.parse(path.read_text()))
