from __future__ import annotations

from django_tasks import task

from careloop.common.jobs import retrying
from careloop.lifecycle import inbound


@task()
@retrying(max_attempts=12, base_seconds=1, max_seconds=600)
def read_raw(raw_id: int) -> None:
    """Carry one kept message along the road."""
    inbound.receive(raw_id)
