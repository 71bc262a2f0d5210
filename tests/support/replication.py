"""A PostgreSQL primary with a streaming standby, and a Galera cluster of MariaDB."""

from contextlib import suppress
from pathlib import Path

import pymysql
from sqlalchemy.exc import OperationalError
from tests.support.process import wait_until
from tests.support.server import HOST, free_port
from tests.support.sqlserver import MariaDB, PostgreSQL, SQLServer, find_program


class Standby(PostgreSQL):
    """A copy of a running server, which follows it until it is promoted."""

    def __init__(self, primary: int) -> None:
        """Copy the server on a port."""
        self._primary = primary

    def prepare(self, data: Path) -> list[str]:
        source = ["-h", HOST, "-p", str(self._primary), "-U", "test"]
        options = ["-R", "-X", "stream", "--checkpoint=fast", "--no-sync"]
        return [find_program("pg_basebackup", self), "-D", str(data), *source, *options]


class StreamingPair:
    """A primary and its standby, and how one takes over from the other."""

    def __init__(self) -> None:
        """Start both."""
        self.primary = SQLServer(PostgreSQL())
        self.standby = SQLServer(Standby(self.primary.port))

    def url(self, parameters: str = "") -> str:
        """Return the URL of both, which leads to the one that takes writes."""
        hosts = "&".join(f"host={HOST}:{one.port}" for one in (self.primary, self.standby))
        return f"postgresql://test@/postgres?{hosts}&target_session_attrs=read-write{parameters}"

    def replicate_synchronously(self) -> None:
        """Let commits wait for the standby."""
        self.primary.execute("ALTER SYSTEM SET synchronous_standby_names = '*'")
        self.primary.execute("SELECT pg_reload_conf()")
        query = "SELECT count(*) FROM pg_stat_replication WHERE sync_state = 'sync'"
        wait_until(lambda: self.primary.read(query) == 1)

    def cut(self) -> None:
        """Cut the link: the standby receives nothing from now on."""
        self.standby.execute("ALTER SYSTEM SET primary_conninfo = ''")
        self.standby.execute("SELECT pg_reload_conf()")
        wait_until(lambda: self.standby.read("SELECT count(*) FROM pg_stat_wal_receiver") == 0)

    def fail_over(self) -> None:
        """Kill the primary, as a power cut does, and promote the standby."""
        self.primary.kill()
        self.promote()

    def promote(self) -> None:
        """Let the standby take writes."""
        self.standby.execute("SELECT pg_promote()")

    def stop(self) -> None:
        """End both."""
        for server in (self.standby, self.primary):
            with suppress(OperationalError):
                server.stop()


class GaleraNode(MariaDB):
    """One node of a cluster."""

    def __init__(self, ports: list[int], number: int) -> None:
        """Make a node.

        Args:
            ports: The port of each node for replication.
            number: Which of them this is.
        """
        self._ports, self._number = ports, number
        self._is_first_start = number == 0

    def serve(self, data: Path, port: int) -> list[str]:
        library = next(Path("/usr/lib/galera").glob("libgalera_smm.so"))
        own = self._ports[self._number]
        provider = f"gmcast.listen_addr=tcp://{HOST}:{own};ist.recv_addr={HOST}:{free_port()}"
        others = [other for other in self._ports if other != own]
        bootstrap = ["--wsrep-new-cluster"] if self._is_first_start else []
        self._is_first_start = False
        return [
            *super().serve(data, port),
            "--binlog-format=ROW",
            "--innodb-autoinc-lock-mode=2",
            "--wsrep-on=ON",
            f"--wsrep-provider={library}",
            f"--wsrep-cluster-address=gcomm://{','.join(f'{HOST}:{one}' for one in others)}",
            f"--wsrep-provider-options={provider}",
            f"--wsrep-node-address={HOST}:{own}",
            f"--wsrep-node-name=node{self._number}",
            "--wsrep-sst-method=rsync",
            f"--wsrep-sst-receive-address={HOST}:{free_port()}",
            *bootstrap,
        ]


class GaleraCluster:
    """Three nodes, each of which takes writes."""

    def __init__(self) -> None:
        """Start the nodes one after the other."""
        ports = [free_port() for _ in range(3)]
        self.nodes = [SQLServer(GaleraNode(ports, number)) for number in range(3)]
        self.wait_for(3)

    def urls(self, database: str) -> list[str]:
        """Return the URL of a database on each node."""
        return [
            f"mysql://root@{HOST}:{node.port}/{database}?charset=utf8mb4" for node in self.nodes
        ]

    def wait_for(self, size: int) -> None:
        """Wait until the nodes that run form a cluster of a size."""
        query = (
            "SELECT variable_value FROM information_schema.global_status"
            " WHERE variable_name = 'wsrep_cluster_size'"
        )
        wait_until(
            lambda: [int(str(node.read(query))) for node in self.nodes[:size]] == [size] * size
        )

    def make_primary(self, number: int) -> None:
        """Let a node that has lost the others go on alone."""
        # SQLAlchemy reads settings when it connects, which the node refuses.
        with pymysql.connect(host=HOST, port=self.nodes[number].port, user="root") as connection:
            connection.cursor().execute("SET GLOBAL wsrep_provider_options = 'pc.bootstrap=YES'")

    def stop(self) -> None:
        """End all nodes."""
        for node in reversed(self.nodes):
            node.stop()
