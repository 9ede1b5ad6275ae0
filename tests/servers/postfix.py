"""A thrown-away Postfix: relays what it gets on a free port to an LMTP server, and bounces what that refuses."""

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from tests.servers.ports import free_port, wait_for

INSTALL = "apt-get install postfix"
DAEMONS = Path("/usr/lib/postfix/sbin")

MAIN = """
compatibility_level = 3.6
queue_directory = {folder}/queue
data_directory = {folder}/data
command_directory = /usr/sbin
daemon_directory = /usr/lib/postfix/sbin
mail_owner = postfix
setgid_group = postdrop
inet_interfaces = loopback-only
inet_protocols = ipv4
myhostname = relay.careloop.test
mydestination =
mynetworks = 127.0.0.0/8
recipient_delimiter = +
maillog_file = {folder}/mail.log
maillog_file_prefixes = {folder}
transport_maps = inline:{{ {transports} }}
default_transport = error:5.4.4 this test relay knows no such domain
bounce_queue_lifetime = 1d
smtp_tls_security_level = none
lmtp_destination_recipient_limit = 1
smtpd_peername_lookup = no
"""
SERVICES = """
{port}    inet  n - n - - smtpd
cleanup   unix  n - n - 0 cleanup
qmgr      unix  n - n 300 1 qmgr
rewrite   unix  - - n - - trivial-rewrite
bounce    unix  - - n - 0 bounce
defer     unix  - - n - 0 bounce
trace     unix  - - n - 0 bounce
proxymap  unix  - - n - - proxymap
smtp      unix  - - n - - smtp
lmtp      unix  - - n - - lmtp
error     unix  - - n - - error
retry     unix  - - n - - error
anvil     unix  - - n - 1 anvil
scache    unix  - - n - 1 scache
tlsmgr    unix  - - n 1000? 1 tlsmgr
postlog   unix-dgram n - n - 1 postlogd
"""


class Postfix:
    """The running relay; ``routes`` maps a domain to the LMTP port its mail goes to."""

    def __init__(self, folder: Path, routes: dict[str, int]) -> None:
        self.folder, self.port, self._routes = folder, free_port(), routes

    def start(self) -> None:
        for name in ("conf", "queue", "data"):
            (self.folder / name).mkdir()
        self.folder.chmod(0o755)
        shutil.chown(self.folder / "data", "postfix", "postfix")
        transports = ", ".join(f"{{{domain} = lmtp:inet:127.0.0.1:{port}}}" for domain, port in self._routes.items())
        (self.folder / "conf" / "main.cf").write_text(MAIN.format(folder=self.folder, transports=transports))
        (self.folder / "conf" / "master.cf").write_text(SERVICES.format(port=f"127.0.0.1:{self.port}"))
        self._run("start")
        wait_for(self.port)

    def stop(self) -> None:
        self._run("abort")

    def log(self) -> str:
        file = self.folder / "mail.log"
        return file.read_text() if file.exists() else ""

    def _run(self, verb: str) -> None:
        subprocess.run(["postfix", "-c", str(self.folder / "conf"), verb], check=False, capture_output=True)


@contextmanager
def running_postfix(routes: dict[str, int]) -> Iterator[Postfix]:
    """A relay for the length of the block; skips the test when Postfix is missing or we are not root."""
    if not (DAEMONS / "master").exists():
        pytest.skip(f"Postfix is not installed: {INSTALL}")
    if os.geteuid() != 0:
        pytest.skip("Postfix starts only as root: run the tests as root")
    with TemporaryDirectory(prefix="postfix-") as folder:
        server = Postfix(Path(folder), routes)
        try:
            server.start()
            yield server
        finally:
            server.stop()
