"""Who may import whom, where import-linter cannot see: third-party packages, and packages it was not told of."""

from __future__ import annotations

import subprocess
import sys
import tomllib

import pytest

from tests.house_rules.source import ROOT, inside, modules

CONTRACTS = {
    contract["id"]: contract
    for contract in tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
}
PURE = [name.removeprefix("dispatch.") for name in CONTRACTS["pure"]["source_modules"]]
ALLOWED_IN_PURE = {"numpy", "numba", "ortools", "geopy.distance"}
ALLOWED_IN_LAYER = {"durations": {"numpy"}}  # narrower than what the others may
WITHOUT_BORDER = {"dispatch.demo"}  # fills tables, as a user of everything
ADAPTER_MAY_SEE = ("dispatch.itsm.base", "dispatch.itsm.http", "dispatch.itsm.mapping")


@pytest.mark.parametrize("layer", PURE)
def test_a_pure_layer_imports_only_the_standard_library_numbers_and_itself(layer):
    wrong = [
        f"{module}:{line} imports {name}"
        for module in inside(layer)
        for line, name in module.imports()
        if not _pure(name, layer)
    ]
    assert not wrong, f"{layer} is pure: what it needs of the outside comes in as data\n" + "\n".join(wrong)


@pytest.mark.parametrize("layer", PURE)
def test_loading_a_pure_layer_loads_no_web_and_no_database(layer):
    names = [module.name for module in inside(layer) if not module.name.endswith("__main__")]
    code = (
        f"import importlib, sys; [importlib.import_module(n) for n in {names!r}]; "
        "print(*sorted({n.split('.')[0] for n in sys.modules} & {'flask', 'sqlalchemy', 'httpx', 'huey'}))"
    )
    loaded = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert loaded.stdout.strip() == "", f"loading {layer} must not load these"


def test_itsm_adapters_see_only_their_base_and_the_network_door():
    free = ("", "base", "http", "sync", "outbox")
    wrong = [
        f"{module}:{line} imports {name}"
        for module in inside("itsm")
        if module.name.partition("dispatch.itsm.")[2].partition(".")[0] not in free
        for line, name in module.imports()
        if name.startswith("dispatch.") and not name.startswith(ADAPTER_MAY_SEE)
    ]
    assert not wrong, "an adapter knows one outside system and nothing of our tables\n" + "\n".join(wrong)


def test_every_folder_with_code_is_a_package():
    """import-linter does not see a folder without __init__.py, and says nothing about it."""
    packages = {module.path.rsplit("/", 1)[0] for module in modules()}
    missing = sorted(p for p in packages if not (ROOT / p / "__init__.py").exists())
    assert not missing, f"add an __init__.py with one line on what the folder is for: {missing}"


def test_every_package_has_a_border():
    bounded = {
        name
        for contract in CONTRACTS.values()
        for name in contract.get("source_modules", contract.get("modules"))
    }
    packages = {".".join(module.name.split(".")[:2]) for module in modules() if module.path.count("/") > 1}
    forgotten = packages - bounded - WITHOUT_BORDER
    assert not forgotten, (
        f"no contract of [tool.importlinter] in pyproject.toml says what {sorted(forgotten)} may import"
    )


def test_the_package_itself_imports_nothing():
    root = next(module for module in modules() if module.name == "dispatch")
    assert not list(root.imports()), "dispatch/__init__.py stays empty, so that dispatch.routing loads alone"


def test_runtime_requirements_are_pinned():
    for name in ("requirements.txt", "requirements-dev.txt"):
        lines = [line.split("#")[0].strip() for line in (ROOT / name).read_text().splitlines()]
        loose = [line for line in lines if line and not line.startswith("-r ") and "==" not in line]
        assert not loose, f"{name}: pin {loose}"


def _pure(name: str, layer: str) -> bool:
    if name.split(".")[0] in sys.stdlib_module_names:
        return True
    own = f"dispatch.{layer}"
    return any(
        name == known or name.startswith(f"{known}.")
        for known in {own, *ALLOWED_IN_LAYER.get(layer, ALLOWED_IN_PURE)}
    )
