"""The live streams, for an ASGI server: the bus of this installation's database, and the gate."""

import os
from urllib.parse import urlsplit

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "careloop.config.settings")
django.setup()

from django.conf import settings  # noqa: E402
from django.db import connection  # noqa: E402

from careloop.common import installation  # noqa: E402
from careloop.config.gate import DatabaseGate  # noqa: E402
from careloop.live.app import StreamApp  # noqa: E402
from careloop.live.bus import Bus, PostgresBus, SqliteBus, conninfo  # noqa: E402


def bus() -> Bus:
    """The bus that fits the database."""
    if connection.vendor == "sqlite":
        return SqliteBus(str(settings.DATABASES["default"]["NAME"]))
    return PostgresBus(conninfo(connection.get_connection_params()))


def origins() -> list[str]:
    """The origins of the desk's own pages: its public address, and this machine's own for trying things out."""
    public = urlsplit(settings.CARELOOP_PUBLIC_URL)
    port = installation.port()
    return [f"{public.scheme}://{public.netloc}", f"http://127.0.0.1:{port}", f"http://localhost:{port}"]


# The stream never writes; on SQLite the database itself refuses.
if connection.vendor == "sqlite":
    connection.settings_dict["OPTIONS"]["query_only"] = True
    settings.DATABASES["default"]["OPTIONS"]["query_only"] = True

application = StreamApp(bus(), DatabaseGate(), origins())
