"""`compiled` turns a kernel into machine code where numba is installed, and leaves it as it is elsewhere.

Numba keeps machine code per file but does not notice when a callee in *another* file changes. So the folder
it is kept in carries a hash of all kernels. Without a folder that we own and can write to, every process
compiles anew.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import stat
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

HERE = Path(__file__).parent
Function = TypeVar("Function", bound=Callable[..., Any])


def _numba() -> Any:
    with contextlib.suppress(ImportError):
        import numba

        return numba
    return None


def _folder() -> Path | None:
    """Where the machine code of exactly these kernels is kept; None when no place is safe."""
    digest = hashlib.sha256()
    for path in [HERE.parent / "index.py", *sorted(HERE.glob("*.py"))]:
        digest.update(path.read_bytes())
    name = f"dispatch-kernels-{os.getuid()}-{digest.hexdigest()[:16]}"
    homes = [Path(folder)] if (folder := numba.config.CACHE_DIR) else _usual()
    return next((own for home in homes if (own := _own(home / name))), None)


def _usual() -> list[Path]:
    homes = []
    with contextlib.suppress(RuntimeError):  # nobody's home
        homes.append(Path.home() / ".cache")
    with contextlib.suppress(OSError):  # no folder for temporary files either
        homes.append(Path(tempfile.gettempdir()))
    return homes


def _own(folder: Path) -> Path | None:
    """The folder when nobody else may write to it: what lies there is run."""
    with contextlib.suppress(OSError):
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        found = folder.lstat()
        mine = stat.S_ISDIR(found.st_mode) and found.st_uid == os.getuid() and not found.st_mode & 0o022
        if mine and os.access(folder, os.W_OK | os.X_OK):
            return folder
    return None


numba = _numba()
COMPILED = numba is not None
"""Whether kernels run as machine code. Without it they are some hundred times slower."""

if COMPILED:
    _cache = _folder()
    if _cache is not None:
        numba.config.CACHE_DIR = str(_cache)


def compiled(function: Function) -> Function:
    """The function as machine code, kept for the next process; as it is where there is no numba."""
    return _made(function) if COMPILED else function


def inlined(function: Function) -> Function:
    """As `compiled`, written into its callers: for what is called millions of times a second."""
    return _made(function, forceinline=True) if COMPILED else function


def _made(function: Function, **options: bool) -> Function:
    """Without counting references: kernels make no arrays, and counting those they are given took most of the time."""
    folder = _cache is not None
    made: Function = numba.njit(cache=folder, nogil=True, error_model="numpy", _nrt=False, **options)(
        function
    )
    return made
