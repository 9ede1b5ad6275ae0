"""How the desk is served: threads, processes, time limits. Imports neither Django nor the rooms."""

from dataclasses import dataclass
from datetime import timedelta

from careloop.common import env, installation


@dataclass(frozen=True)
class Serving:
    """The settings of the serving processes, read together so that a wrong one stops all of them."""

    host: str
    port: int
    stream_port: int
    web_threads: int
    web_workers: int
    job_threads: int
    job_lease: timedelta
    stop_within: timedelta
    one_process_writes: bool
    admin_email: str

    @property
    def connections(self) -> int:
        """How many connections to PostgreSQL one process may need at once: its threads, the keeper, one to spare."""
        return max(self.web_threads, self.job_threads) + 2


def read() -> Serving:
    """Read the settings; raises SettingError."""
    return Serving(
        host=installation.host(),
        port=installation.port(),
        stream_port=installation.stream_port(),
        web_threads=env.integer(
            "CARELOOP_WEB_THREADS", 6, minimum=1, maximum=64, sentence="Threads of a web process that answer requests."
        ),
        web_workers=env.integer(
            "CARELOOP_WEB_WORKERS",
            2,
            minimum=1,
            maximum=64,
            sentence="Web processes on PostgreSQL; on SQLite there is always one.",
        ),
        job_threads=env.integer(
            "CARELOOP_JOB_THREADS", 4, minimum=1, maximum=64, sentence="Threads of a process that do background jobs."
        ),
        job_lease=env.duration(
            "CARELOOP_JOB_LEASE",
            timedelta(seconds=60),
            minimum=timedelta(seconds=1),
            sentence="After how long without a sign of life a worker is taken for dead and its jobs are given away.",
        ),
        stop_within=env.duration(
            "CARELOOP_STOP_WITHIN",
            timedelta(seconds=15),
            minimum=timedelta(seconds=1),
            sentence="How long the parts may take to finish what is in hand when the desk is stopped.",
        ),
        one_process_writes=installation.one_process_writes(),
        admin_email=installation.admin_email(),
    )
