"""The scripts of docs/api.md run as written, one after the other, in one shell, against the demo."""

from __future__ import annotations

import os
import re
import subprocess

from tests.servers import ROOT, LiveServer, sqlite_database

SCRIPTS = re.compile(r"^```sh\n(.*?)^```", re.DOTALL | re.MULTILINE)


def test_every_script_of_the_documentation_succeeds(tmp_path):
    server = LiveServer(sqlite_database(tmp_path), tmp_path / "instance")
    scripts = SCRIPTS.findall((ROOT / "docs" / "api.md").read_text())
    assert len(scripts) >= 5
    try:
        server.flask("demo", "--if-empty")
        server.start()
        done = _run("\n".join(scripts), server)
    finally:
        server.stop()
    assert done.returncode == 0, f"{done.stderr}\n{done.stdout[-3000:]}\n{server.log()[-6000:]}"
    for expected in (
        '"to_be_completed"',
        '"state":"accepted"',
        '"routes"',
        '"errors": {"technician"',
        '"state":"cancelled"',
    ):
        assert expected in done.stdout, expected


def _run(script: str, server: LiveServer) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PORT": str(server.port), "INSTANCE_PATH": str(server.folder)}
    return subprocess.run(["bash", "-euo", "pipefail", "-c", script], cwd=ROOT, env=environment,
                          capture_output=True, text=True, timeout=180, check=False)  # fmt: skip
