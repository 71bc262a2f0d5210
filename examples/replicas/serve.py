"""Serve app.py by several replicas behind nginx, without Docker.

    python serve.py --database postgresql+psycopg://user@host/name --port 8080

Each process is a child of this one. A line on stdout has its id when it starts and when it exits. A
replica that exits is started again. SIGTERM, SIGINT and SIGHUP stop all of them. SIGUSR1 restarts
one replica after the other, each as soon as the one before answers again.
"""

import argparse
import http.client
import os
import re
import secrets
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from types import FrameType

HERE = Path(__file__).resolve().parent
HOST = "127.0.0.1"
TICK_SECONDS = 0.1
START_SECONDS = 60
STOP_SECONDS = 10
SECRETS = ("JWT_SECRET_KEY", "STREAMLIT_SERVER_COOKIE_SECRET")
NGINX = """
daemon off;
pid nginx.pid;
error_log stderr;
events { worker_connections 4096; }
http {
    access_log off;
    client_body_temp_path body;
    proxy_temp_path proxy;
    fastcgi_temp_path fastcgi;
    uwsgi_temp_path uwsgi;
    scgi_temp_path scgi;
    include replicas.conf;
}
"""


class Child:
    """A child process that can be restarted."""

    def __init__(self, name: str, command: list[str], **environment: str) -> None:
        """Create the child without starting it."""
        self.name = name
        self._command = command
        self._environment = {**os.environ, **environment}
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it in a session of its own, so that Ctrl-C reaches the parent only."""
        self._process = subprocess.Popen(
            self._command,
            env=self._environment,
            stdin=subprocess.DEVNULL,
            stdout=sys.stderr,
            start_new_session=True,
        )
        print(f"started {self.name} pid={self._process.pid}", flush=True)

    def has_ended(self) -> bool:
        """Return whether it has exited; the first time, print it."""
        if self._process is None:
            return True
        code = self._process.poll()
        if code is None:
            return False
        print(f"ended {self.name} pid={self._process.pid} code={code}", flush=True)
        self._process = None
        return True

    def ask_to_end(self) -> None:
        """Terminate it."""
        if self._process is not None:
            self._process.terminate()

    def wait(self) -> None:
        """Wait until it has exited; kill it after a timeout."""
        if self._process is None:
            return
        try:
            self._process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self.has_ended()


class Replica(Child):
    """One Streamlit server."""

    def __init__(self, number: int, port: int) -> None:
        """Create a server for a port."""
        options = {
            "server.headless": "true",
            "server.address": HOST,
            "server.port": str(port),
            "server.fileWatcherType": "none",
            "browser.gatherUsageStats": "false",
        }
        flags = [part for name, value in options.items() for part in (f"--{name}", value)]
        command = [sys.executable, "-m", "streamlit", "run", str(HERE / "app.py"), *flags]
        super().__init__(f"replica-{number}", command, REPLICA=f"replica-{number}")
        self._port = port

    def answers(self) -> bool:
        """Return whether the server is healthy."""
        connection = http.client.HTTPConnection(HOST, self._port, timeout=1)
        try:
            connection.request("GET", "/_stcore/health")
            return connection.getresponse().status == http.HTTPStatus.OK
        except (OSError, http.client.HTTPException):
            return False
        finally:
            connection.close()


class Supervisor:
    """Keeps the replicas and nginx running."""

    def __init__(self, replicas: list[Replica], nginx: Child) -> None:
        """Create the supervisor without starting anything."""
        self._replicas = replicas
        self._nginx = nginx
        self._stops = False
        self._rolls = False

    def stop(self, _number: int, _frame: FrameType | None) -> None:
        """Stop everything at the next tick."""
        self._stops = True

    def roll(self, _number: int, _frame: FrameType | None) -> None:
        """Restart one replica after the other at the next tick."""
        self._rolls = True

    def run(self) -> int:
        """Run until a signal arrives or nginx exits; return the exit code."""
        try:
            for replica in self._replicas:
                replica.start()
            if not all(map(self._is_ready, self._replicas)):
                return 1
            self._nginx.start()
            while not self._stops and not self._nginx.has_ended():
                self._look()
                time.sleep(TICK_SECONDS)
        finally:
            children = [self._nginx, *self._replicas]
            for child in children:
                child.ask_to_end()
            for child in children:
                child.wait()
        return 0 if self._stops else 1

    def _look(self) -> None:
        for replica in self._replicas:
            if replica.has_ended():
                replica.start()
        if self._rolls:
            self._rolls = False
            self._roll()

    def _roll(self) -> None:
        """Restart one after the other; stop if one does not come back."""
        for replica in self._replicas:
            replica.ask_to_end()
            replica.wait()
            replica.start()
            if not self._is_ready(replica):
                return

    def _is_ready(self, replica: Replica) -> bool:
        """Wait until a replica answers; return whether it does."""
        deadline = time.monotonic() + START_SECONDS
        while not replica.answers():
            if self._stops or replica.has_ended() or time.monotonic() > deadline:
                print(f"{replica.name} does not answer", file=sys.stderr)
                return False
            time.sleep(TICK_SECONDS)
        return True


def main() -> None:
    """Read the command line, and serve."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--database", required=True, help="PERSISTAUTH_DATABASE_URL")
    parser.add_argument("--tokens", help="PERSISTAUTH_TOKEN_STORE_URL, as redis://host:6379/0")
    parser.add_argument("--port", type=int, default=8080, help="of nginx")
    parser.add_argument(
        "--replicas", type=int, nargs="+", metavar="PORT", default=[8501, 8502], help="their ports"
    )
    options = parser.parse_args()
    set_environment(options)
    with tempfile.TemporaryDirectory(prefix="replicas-") as folder:
        home = Path(folder)
        home.chmod(0o711)  # workers of nginx run as another user
        configure_nginx(home, options.port, options.replicas)
        nginx = Child("nginx", [nginx_program(), "-p", f"{home}/", "-c", "nginx.conf"])
        replicas = [Replica(number, port) for number, port in enumerate(options.replicas, 1)]
        supervisor = Supervisor(replicas, nginx)
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            signal.signal(number, supervisor.stop)
        signal.signal(signal.SIGUSR1, supervisor.roll)
        code = supervisor.run()
    sys.exit(code)


def set_environment(options: argparse.Namespace) -> None:
    """Set what all replicas share in the environment; existing variables stay."""
    os.environ["PERSISTAUTH_DATABASE_URL"] = options.database
    if options.tokens:
        os.environ["PERSISTAUTH_TOKEN_STORE_URL"] = options.tokens
    os.environ.setdefault("PERSISTAUTH_TRUSTED_PROXIES", f"{HOST}/32")
    os.environ.setdefault("PERSISTAUTH_PUBLIC_URL", f"http://{HOST}:{options.port}")
    for name in SECRETS:
        if name not in os.environ:
            os.environ[name] = secrets.token_urlsafe(48)
            print(f"{name} was generated; set it, or it changes at the next start", file=sys.stderr)


def configure_nginx(home: Path, port: int, replicas: list[int]) -> None:
    """Write the files of nginx: the example's own with these ports, and one that includes it."""
    text = (HERE / "nginx.conf").read_text(encoding="utf-8")
    text = text.replace("listen 80;", f"listen {HOST}:{port};")
    line = re.compile(r"^( *server )app\d+:8501(.*\n)", re.MULTILINE)
    first = line.search(text)
    if first is None:
        sys.exit("nginx.conf names no replica")
    lines = "".join(f"{first[1]}{HOST}:{server}{first[2]}" for server in replicas)
    text = text[: first.start()] + lines + line.sub("", text[first.end() :])
    (home / "replicas.conf").write_text(text, encoding="utf-8")
    (home / "nginx.conf").write_text(NGINX, encoding="utf-8")


def nginx_program() -> str:
    """Return where nginx is."""
    program = shutil.which("nginx", path=os.environ.get("PATH", "") + ":/usr/sbin")
    return program or sys.exit("nginx is missing: apt-get install nginx-light")


if __name__ == "__main__":
    main()
