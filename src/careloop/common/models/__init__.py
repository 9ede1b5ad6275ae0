"""What the engine room keeps: events and background jobs."""

from careloop.common.models.event import Event
from careloop.common.models.job import Job, JobState, RecurringRun

__all__ = ["Event", "Job", "JobState", "RecurringRun"]
