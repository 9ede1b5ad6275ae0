"""Where this installation lives: its folder, its database, its addresses.

Read by the supervisor before Django exists and by `config/settings.py` after; imports neither.
"""

from pathlib import Path
from urllib.parse import urlsplit

from careloop.common import env
from careloop.common.db.address import is_sqlite

THIS_MACHINE = frozenset({"127.0.0.1", "localhost"})
DEFAULT_DATA_DIR = Path("~/.local/share/careloop")


def data_dir() -> Path:
    """The folder that holds the database, the files, the secret key and the models."""
    return env.path(
        "CARELOOP_DATA_DIR",
        DEFAULT_DATA_DIR,
        sentence="The folder that holds the database, the files, the secret key and the models.",
    )


def database_url() -> str:
    """The address of the database; an SQLite file in the data folder unless told otherwise."""
    address = env.url(
        "CARELOOP_DATABASE_URL",
        schemes=("sqlite", "postgresql", "postgres"),
        sentence="The database: `postgresql://user:password@host:5432/name`, or `sqlite:////path/file.db`; "
        "empty means `careloop.db` in the data folder.",
    )
    return address or f"sqlite:///{data_dir() / 'careloop.db'}"


def one_process_writes() -> bool:
    """True on SQLite: web threads, job threads and mail doors then share one process."""
    return is_sqlite(database_url())


def host() -> str:
    """The address of this machine on which the desk listens."""
    return env.text("CARELOOP_HOST", "127.0.0.1", sentence="The address of this machine the desk listens on.")


def port() -> int:
    """The port of the pages and the API."""
    return env.integer("CARELOOP_PORT", 8000, minimum=1, maximum=65534, sentence="The port of the pages and the API.")


def stream_port() -> int:
    """The port of the live streams: the one after the pages' unless told otherwise."""
    chosen = env.integer(
        "CARELOOP_STREAM_PORT",
        0,
        minimum=0,
        maximum=65535,
        sentence="The port of the live streams; 0 means the one after CARELOOP_PORT.",
    )
    return chosen or port() + 1


def public_url() -> str:
    """The address at which people reach the desk; links in mails are made from it."""
    address = env.url(
        "CARELOOP_PUBLIC_URL",
        sentence="The address at which people reach the desk, as in links sent by mail; "
        "empty means http:// with CARELOOP_HOST and CARELOOP_PORT.",
    )
    return address or f"http://{_named(host())}:{port()}"


def stream_url() -> str:
    """The address at which browsers reach the live streams.

    A desk reached by https stands behind a proxy, and a page opened by https may not listen to a plain
    address; there the streams are expected under one origin with the pages.
    """
    address = env.url(
        "CARELOOP_STREAM_URL",
        sentence="The address at which browsers reach the live streams; empty means `/stream` below an https "
        "CARELOOP_PUBLIC_URL (forward it to CARELOOP_STREAM_PORT), else that host with CARELOOP_STREAM_PORT.",
    )
    public = public_url()
    default = f"{public}/stream" if public.startswith("https://") else _beside(public)
    return address or default


def _beside(public: str) -> str:
    host = urlsplit(public).hostname or "127.0.0.1"
    return f"http://{f'[{host}]' if ':' in host else host}:{stream_port()}"


def stream_url_for(page_host: str) -> str:
    """The address of the streams for a page opened at `page_host`, such as `localhost:8000`.

    This machine has two names, 127.0.0.1 and localhost, and a browser keeps their cookies apart: a stream
    at the other name would not know who is signed in.
    """
    address = urlsplit(stream_url())
    page = page_host.rpartition(":")[0] or page_host
    if page in THIS_MACHINE and address.hostname in THIS_MACHINE:
        return f"{address.scheme}://{page}:{address.port or stream_port()}{address.path}"
    return stream_url()


def stream_origins() -> list[str]:
    """The origins of `stream_url_for`, for the content security policy."""
    address = urlsplit(stream_url())
    pages = sorted(THIS_MACHINE) if address.hostname in THIS_MACHINE else [""]
    found = (urlsplit(stream_url_for(page)) for page in pages)
    return [f"{each.scheme}://{each.netloc}" for each in found]


def admin_email() -> str:
    """Who signs in first."""
    return env.text(
        "CARELOOP_ADMIN_EMAIL",
        "admin@localhost",
        sentence="The e-mail address of the administrator who is made at the first start.",
    )


def _named(address: str) -> str:
    return "127.0.0.1" if address in ("0.0.0.0", "::", "") else address  # noqa: S104
