"""Background work: tasks of the Django Tasks API, kept as leased rows in our own database.

A task is written to the standard API; how it is tried again is declared beside it:

    @task()
    @retrying(max_attempts=8, base_seconds=2, permanent=(PermanentDeliveryError,))
    def deliver(message_id: int) -> None: ...

Enqueueing is one INSERT in the caller's transaction, so work appears and vanishes with the change that asked
for it. A worker claims one job for each free thread, extends its lease while it works, and a job whose worker
died is given to another: every task is run at least once and must be safe to run twice.

| module | what it says |
| --- | --- |
| `policy` | how often and when a failed task is tried again (pure) |
| `backend` | the standard API: enqueue, look up a result |
| `leases` | the SQL: claim, settle, extend, reap |
| `running` | how one claimed job is run and settled; `run_pending_jobs` for tests and commands |
| `worker` | the threads that claim and run, and the keeper thread beside them |
| `recurring` | the schedule: what is enqueued again and again, once for all workers |
| `bell` | wakes idle threads of this process when a job is committed |
"""

from careloop.common.jobs.policy import RetryLater, RetryPolicy, retrying

__all__ = ["RetryLater", "RetryPolicy", "retrying"]
