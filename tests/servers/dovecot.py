"""A thrown-away Dovecot 2.3: IMAP and LMTP on free ports, sign-in by password and by OAuth2 token."""

import grp
import os
import pwd
import shutil
import smtplib
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from tests.servers.ports import free_port, wait_for
from tests.servers.tokens import TokenServer

INSTALL = "apt-get install dovecot-imapd dovecot-lmtpd"
PASSWORD = "correct-horse-battery-staple"

CONFIGURATION = """
base_dir = {folder}/run
state_dir = {folder}/state
log_path = {folder}/dovecot.log
instance_name = careloop-test
protocols = imap lmtp
listen = 127.0.0.1
default_internal_user = {internal}
default_internal_group = {internal_group}
default_login_user = {login}
ssl = no
disable_plaintext_auth = no
auth_mechanisms = plain login xoauth2 oauthbearer
recipient_delimiter = +
mail_location = maildir:{folder}/mail/%n
first_valid_uid = 0
mail_uid = {uid}
mail_gid = {gid}
passdb {{
  driver = static
  mechanisms = plain login
  args = password={password}
}}
passdb {{
  driver = oauth2
  mechanisms = xoauth2 oauthbearer
  args = {folder}/oauth2.conf
}}
userdb {{
  driver = static
  args = uid={uid} gid={gid} home={folder}/mail/%n allow_all_users=yes
}}
service imap-login {{
  chroot =
  inet_listener imap {{
    port = {imap_port}
  }}
  inet_listener imaps {{
    port = 0
  }}
}}
service lmtp {{
  inet_listener lmtp {{
    port = {lmtp_port}
  }}
}}
service anvil {{
  chroot =
}}
"""
OAUTH2 = """
introspection_mode = post
introspection_url = http://127.0.0.1:{port}/introspect
username_attribute = username
active_attribute = active
active_value = true
"""


class Dovecot:
    """The running server. Every address is a user, with one password for all."""

    def __init__(self, folder: Path, tokens: TokenServer) -> None:
        self.folder, self.tokens = folder, tokens
        self.imap_port, self.lmtp_port = free_port(), free_port()
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        (self.folder / "mail").mkdir()
        (self.folder / "oauth2.conf").write_text(OAUTH2.format(port=self.tokens.port))
        (self.folder / "dovecot.conf").write_text(CONFIGURATION.format(**self._values()))
        _hand_to_mail_user(self.folder)
        self._process = subprocess.Popen(["dovecot", "-F", "-c", str(self.folder / "dovecot.conf")])
        wait_for(self.imap_port)
        wait_for(self.lmtp_port)

    def stop(self) -> None:
        if self._process is not None:
            self._process.terminate()
            self._process.wait(timeout=15)

    def deliver(self, raw: bytes, *, recipient: str, sender: str = "yuqing.wang@example.com") -> None:
        """Put a mail into the mailbox of ``recipient`` by LMTP."""
        with smtplib.LMTP("127.0.0.1", self.lmtp_port) as lmtp:
            lmtp.sendmail(sender, [recipient], raw)

    def renumber(self, address: str) -> None:
        """Give the INBOX a new UIDVALIDITY, as a restored backup or a moved mailbox does."""
        for name in ("dovecot-uidlist", "dovecot.index", "dovecot.index.log", "dovecot.index.cache"):
            (self.folder / "mail" / address.partition("@")[0] / name).unlink(missing_ok=True)

    def log(self) -> str:
        return (self.folder / "dovecot.log").read_text()

    def _values(self) -> dict[str, object]:
        user = _user("dovecot", "nobody")
        mail = _mail_user()
        return {
            "folder": self.folder,
            "password": PASSWORD,
            "internal": user,
            "internal_group": grp.getgrgid(pwd.getpwnam(user).pw_gid).gr_name,
            "login": _user("dovenull", "nobody"),
            "uid": mail.pw_uid,
            "gid": mail.pw_gid,
            "imap_port": self.imap_port,
            "lmtp_port": self.lmtp_port,
        }


def _user(wanted: str, otherwise: str) -> str:
    """Without root the server can only run as ourselves."""
    if os.geteuid() != 0:
        return pwd.getpwuid(os.geteuid()).pw_name
    try:
        return pwd.getpwnam(wanted).pw_name
    except KeyError:
        return otherwise


def _mail_user() -> pwd.struct_passwd:
    return pwd.getpwnam("nobody") if os.geteuid() == 0 else pwd.getpwuid(os.geteuid())


def _hand_to_mail_user(folder: Path) -> None:
    folder.chmod(0o755)
    if os.geteuid() == 0:
        shutil.chown(folder / "mail", _mail_user().pw_uid, _mail_user().pw_gid)


@contextmanager
def running_dovecot() -> Iterator[Dovecot]:
    """A server for the length of the block; skips the test when Dovecot is not installed."""
    if shutil.which("dovecot") is None:
        pytest.skip(f"Dovecot is not installed: {INSTALL}")
    tokens = TokenServer()
    tokens.start()
    # Not pytest's folder: the mail user may not enter it.
    with TemporaryDirectory(prefix="dovecot-") as folder:
        server = Dovecot(Path(folder), tokens)
        try:
            server.start()
            yield server
        finally:
            server.stop()
            tokens.stop()
