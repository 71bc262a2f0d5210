"""Redis from the system's packages, with temporary data."""

import os
import shutil
import signal
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from types import MappingProxyType
from typing import Any, Final
from urllib.parse import quote

import pytest
from redis import Redis
from redis.crc import key_slot
from redis.exceptions import RedisError
from tests.support.process import Process, listens, wait_until
from tests.support.server import HOST, free_port

SERVICE: Final = "sign-ins"


class RedisDatabase:
    """One database of a running Redis."""

    def __init__(self, url: str) -> None:
        """Use the database of a URL, and empty it."""
        self.url = url

    def flush(self) -> None:
        """Delete all that is in it."""
        with Redis.from_url(self.url) as client:
            client.flushdb()

    def stop(self) -> None:
        """Leave it empty."""
        self.flush()


class RedisServer(RedisDatabase):
    """A Redis started by the tests, with an append-only file, as token stores need."""

    encryption: Mapping[str, str] = MappingProxyType({})

    def __init__(
        self, *, certificate: Path | None = None, key: Path | None = None, **options: str
    ) -> None:
        """Start it with nothing in it.

        Args:
            certificate: If given, it speaks TLS only, with this certificate.
            key: The key of the certificate.
            options: More of its options, with underscores for hyphens.
        """
        self._folder = TemporaryDirectory(prefix="persistauth-")
        self.home = Path(self._folder.name)
        self.port = free_port()
        self._options = {
            "bind": HOST,
            "port": str(self.port),
            "dir": str(self.home),
            "appendonly": "yes",
            "appendfsync": "always",
            "save": "",
            "repl-diskless-sync-delay": "0",
            **{name.replace("_", "-"): value for name, value in options.items()},
        }
        password = options.get("requirepass", "")
        super().__init__(f"redis://:{quote(password, safe='')}@{HOST}:{self.port}/0")
        if certificate:
            self.encryption = encryption(certificate, key)
            self._options |= {**self.encryption, "tls-port": str(self.port), "port": "0"}
            self.url = f"{self.url.replace('redis', 'rediss')}?ssl_cert_reqs=none"
        self._process = self._start()

    def kill(self) -> None:
        """Kill it, as a power cut does."""
        self._process.kill()

    def start(self, **options: str) -> None:
        """Start it again with its data, and more options."""
        self._options |= options
        self._process = self._start()

    @contextmanager
    def paused(self) -> Iterator[None]:
        """Stop its process inside the block, as a machine does that hangs."""
        self._process.tell(signal.SIGSTOP)
        try:
            yield
        finally:
            self.resume()

    def resume(self) -> None:
        """Let its process go on."""
        self._process.tell(signal.SIGCONT)

    def run(self, *command: str | int) -> Any:  # noqa: ANN401 - by the command
        """Return the answer to a command."""
        with Redis.from_url(self.url, decode_responses=True) as client:
            return client.execute_command(*command)

    def facts(self) -> dict[str, Any]:
        """Return what it reports about itself."""
        return dict(self.run("INFO"))

    def stop(self) -> None:
        """Stop it, and delete its data."""
        self._process.stop()
        self._folder.cleanup()

    def _start(self) -> Process:
        flags = [part for name, value in self._options.items() for part in (f"--{name}", value)]
        return Process([_program(), *flags], home=self.home, answers=self._answers)

    def _answers(self) -> bool:
        try:
            with Redis.from_url(self.url) as client:
                return bool(client.ping())
        except RedisError:
            return False


def encryption(certificate: Path, key: Path | None) -> dict[str, str]:
    """Return the options of a server that speaks TLS."""
    return {
        "tls-cert-file": str(certificate),
        "tls-key-file": str(key),
        "tls-ca-cert-file": str(certificate),
        "tls-auth-clients": "no",
        "tls-replication": "yes",
    }


class Sentinel:
    """A Sentinel that watches one primary, under the name `SERVICE`."""

    def __init__(self, primary: RedisServer, *, quorum: int, password: str = "") -> None:
        """Start it; of the Sentinels, so many have to agree that the primary is down."""
        self._folder = TemporaryDirectory(prefix="persistauth-")
        home = Path(self._folder.name)
        self.port = free_port()
        file = home / "sentinel.conf"  # it writes what it finds out into its configuration
        encrypted = [f"{name} {value}\n" for name, value in primary.encryption.items()]
        ports = f"port 0\ntls-port {self.port}\n" if encrypted else f"port {self.port}\n"
        if password:
            ports += f'requirepass "{password}"\n'
        file.write_text(
            f"bind {HOST}\n{ports}{''.join(encrypted)}dir {home}\n"
            f"sentinel monitor {SERVICE} {HOST} {primary.port} {quorum}\n"
            f"sentinel down-after-milliseconds {SERVICE} 300\n"
            f"sentinel failover-timeout {SERVICE} 5000\n"
            + (f'sentinel auth-pass {SERVICE} "{password}"\n' if password else "")
        )
        self._client = Redis(
            host=HOST,
            port=self.port,
            password=password or None,
            ssl=bool(encrypted),
            ssl_cert_reqs="none",
            decode_responses=True,
        )
        self._process = Process(
            [_program(), str(file), "--sentinel"],
            home=home,
            answers=lambda: listens(HOST, self.port),
        )

    def knows(self, *, replicas: int, sentinels: int) -> bool:
        """Return whether it has found the replicas and the other Sentinels."""
        known: Any = self._client.sentinel_masters()
        found = known[SERVICE]
        return bool(
            found["num-slaves"] == replicas and found["num-other-sentinels"] == sentinels - 1
        )

    def stop(self) -> None:
        """Stop it."""
        self._client.close()
        self._process.stop()
        self._folder.cleanup()


class Sentinels:
    """A primary, a replica, and Sentinels that let the replica take over."""

    def __init__(
        self, number: int, *, password: str = "", encrypted: RedisServer | None = None
    ) -> None:
        """Start them all.

        Args:
            number: The number of Sentinels.
            password: The password of all servers.
            encrypted: A primary that speaks TLS, and has no replica.
        """
        secret: Any = {"requirepass": password, "masterauth": password} if password else {}
        self.password = password
        self.primary = encrypted or RedisServer(**secret)
        self.replicas = (
            [] if encrypted else [RedisServer(replicaof=f"{HOST} {self.primary.port}", **secret)]
        )
        self._sentinels = [
            Sentinel(self.primary, quorum=number // 2 + 1, password=password) for _ in range(number)
        ]
        known = len(self.replicas)
        wait_until(
            lambda: all(one.knows(replicas=known, sentinels=number) for one in self._sentinels)
        )
        wait_until(lambda: has_replicas(self.primary, known))
        self.addresses = [(HOST, one.port) for one in self._sentinels]
        hosts = ",".join(f"{host}:{port}" for host, port in self.addresses)
        quoted = quote(password, safe="")
        query = f"?sentinel_password={quoted}" if password else ""
        scheme = "rediss" if encrypted else "redis"
        self._url = f"{scheme}+sentinel://:{quoted}@{hosts}/{SERVICE}{{}}{query}"
        self.url = self.url_of_database(0)

    def url_of_database(self, number: int) -> str:
        """Return the URL of one of the databases of the service."""
        return self._url.format(f"/{number}" if number else "")

    def stop(self) -> None:
        """Stop them all."""
        for sentinel in self._sentinels:
            sentinel.stop()
        for server in (*self.replicas, self.primary):
            server.stop()


class Cluster:
    """A Redis Cluster of three primaries, and a fourth server without slots if wanted."""

    def __init__(self, size: int = 3) -> None:
        """Start it."""
        ports = [str(free_port()) for _ in range(size)]  # on which the nodes talk to each other
        self.servers = [
            RedisServer(cluster_enabled="yes", cluster_node_timeout="500", cluster_port=port)
            for port in ports
        ]
        self.url = "redis+cluster://" + ",".join(f"{HOST}:{one.port}" for one in self.servers)
        for number, first, last in ((0, 0, 5460), (1, 5461, 10922), (2, 10923, 16383)):
            self.servers[number].run("CLUSTER", "ADDSLOTSRANGE", first, last)
        for one, port in zip(self.servers[1:], ports[1:], strict=True):
            self.servers[0].run("CLUSTER", "MEET", HOST, one.port, port)
        wait_until(lambda: all(self._is_ready(one, size) for one in self.servers))

    def owner(self, key: str) -> RedisServer:
        """Return the server that holds a key now."""
        slot = key_slot(key.encode())
        for first, last, primary, *_ in self.servers[-1].run("CLUSTER", "SLOTS"):
            if first <= slot <= last:
                return next(one for one in self.servers if one.port == primary[1])
        raise LookupError(key)

    def add_replica(self, primary: RedisServer) -> RedisServer:
        """Let the fourth server replicate one of the others."""
        replica = self.servers[3]
        node = primary.run("CLUSTER", "MYID")
        wait_until(lambda: node in str(replica.run("CLUSTER", "NODES")))
        replica.run("CLUSTER", "REPLICATE", node)
        wait_until(lambda: has_replicas(primary, 1))
        return replica

    def flush(self) -> None:
        """Delete all that is in it."""
        for one in self.servers:
            one.flush()

    def stop(self) -> None:
        """Stop it."""
        for one in self.servers:
            one.stop()

    @staticmethod
    def _is_ready(server: RedisServer, size: int) -> bool:
        facts = str(server.run("CLUSTER", "INFO"))
        return "cluster_state:ok" in facts and f"cluster_known_nodes:{size}" in facts


def has_replicas(server: RedisServer, number: int) -> bool:
    """Return whether so many replicas have all the data of a server."""
    facts = server.facts()
    return facts["connected_slaves"] == number and all(
        facts[f"slave{position}"]["state"] == "online"
        and facts[f"slave{position}"]["offset"] == facts["master_repl_offset"]
        for position in range(number)
    )


def _program() -> str:
    """Return the path of Redis; without it skip the test, or fail in CI."""
    program = shutil.which("redis-server") or shutil.which("valkey-server")
    if program is None:
        missing = "Redis is missing: apt-get install redis-server"
        if os.environ.get("CI", "").lower() == "true":
            pytest.fail(missing, pytrace=False)
        pytest.skip(missing)
    return program
