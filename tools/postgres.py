"""A private PostgreSQL for tests: Debian's binaries, a fresh cluster, a unix socket only, gone afterwards.

    tools/postgres.py COMMAND…    runs the command with JUMP_DATABASE pointing at a new cluster

PostgreSQL refuses to run as root, so as root the cluster belongs to `nobody` and lies outside any private home.
"""

import os
import pwd
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from urllib.parse import quote

MISSING = "PostgreSQL's server programs are not installed (on Debian: apt-get install postgresql)"


def binaries() -> Path | None:
    """The folder with initdb and pg_ctl: on Debian outside PATH, newest version first; None if absent."""
    places = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda place: float(place.parent.name), reverse=True)
    on_path = shutil.which("initdb")
    if on_path:
        places.append(Path(on_path).resolve().parent)
    return next((place for place in places if (place / "initdb").exists() and (place / "pg_ctl").exists()), None)


class Cluster:
    """One throw-away cluster. `durable=True` keeps fsync on, for tests of crashes and for benches."""

    def __init__(self, *, durable: bool = False) -> None:
        found = binaries()
        if found is None:
            raise RuntimeError(MISSING)
        self.bin = found
        self.durable = durable
        self.folder = Path(tempfile.mkdtemp(prefix="jump-pg-", dir="/tmp"))
        self.data = self.folder / "data"
        self.folder.chmod(0o755)
        if os.geteuid() == 0:
            nobody = pwd.getpwnam("nobody")
            os.chown(self.folder, nobody.pw_uid, nobody.pw_gid)

    @property
    def address(self) -> str:
        """What JUMP_DATABASE is set to."""
        return f"postgres://jump@/postgres?host={quote(str(self.folder), safe='')}"

    def _run(self, *words: str) -> None:
        if os.geteuid() == 0:
            words = ("setpriv", "--reuid=nobody", "--regid=nogroup", "--clear-groups", *words)
        done = subprocess.run(
            words, capture_output=True, text=True, cwd=self.folder, env={**os.environ, "LC_ALL": "C.UTF-8"}
        )
        if done.returncode:
            raise RuntimeError(f"{words[-1]}: {done.stdout}{done.stderr}{self.log()}")

    def log(self) -> str:
        file = self.folder / "log"
        return file.read_text(errors="replace")[-2000:] if file.exists() else ""

    def make(self) -> "Cluster":
        """Make the cluster and start it."""
        self._run(
            str(self.bin / "initdb"), "-D", str(self.data), "-U", "jump", "--auth=trust",
            "--locale=C.UTF-8", "--encoding=UTF8", "--no-sync",
        )  # fmt: skip
        self.start()
        return self

    def start(self) -> None:
        options = f"-c listen_addresses='' -c unix_socket_directories={self.folder} -c max_connections=60"
        if not self.durable:
            options += " -c fsync=off -c synchronous_commit=off -c full_page_writes=off"
        self._run(
            str(self.bin / "pg_ctl"), "-D", str(self.data), "-l", str(self.folder / "log"),
            "-o", options, "-w", "-t", "60", "start",
        )  # fmt: skip

    def server_pid(self) -> int:
        return int((self.data / "postmaster.pid").read_text().split()[0])

    def kill(self) -> None:
        """End the server as a power cut would: SIGKILL, nothing written down."""
        pid = self.server_pid()
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
        for number in (pid, *map(int, children)):
            try:
                os.kill(number, 9)
            except ProcessLookupError:
                continue
        for _ in range(100):
            if not any(Path(f"/proc/{number}").exists() for number in (pid, *map(int, children))):
                break
            time.sleep(0.05)

    def stop(self) -> None:
        """Stop the server, if it runs, and remove the cluster."""
        if (self.data / "postmaster.pid").exists():
            try:
                self._run(str(self.bin / "pg_ctl"), "-D", str(self.data), "-m", "immediate", "-w", "stop")
            except RuntimeError as problem:
                print(problem, file=sys.stderr)
        shutil.rmtree(self.folder, ignore_errors=True)


def main() -> int:
    if not sys.argv[1:]:
        print(__doc__)
        return 2
    if binaries() is None:
        print(MISSING, file=sys.stderr)
        return 1
    cluster = Cluster()
    try:
        cluster.make()
        return subprocess.call(sys.argv[1:], env={**os.environ, "JUMP_DATABASE": cluster.address})
    finally:
        cluster.stop()


if __name__ == "__main__":
    sys.exit(main())
