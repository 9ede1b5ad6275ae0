"""The stream part: uvicorn serving `config/asgi.py` on the port after the pages'."""

import uvicorn

from careloop.common.serving import Serving
from careloop.config.asgi import application


def serve_streams(serving: Serving) -> None:
    """Serve until stopped. Open streams end at once; browsers come back by themselves."""
    uvicorn.run(
        application,
        host=serving.host,
        port=serving.stream_port,
        access_log=False,  # Addresses of streams hold customers' private links.
        log_level="warning",
        timeout_graceful_shutdown=2,
        lifespan="on",
        ws="none",
        http="h11",
        loop="asyncio",
    )
