"""The queue, what steers it, and replays of it under other weights."""

from careloop.routing.models.queue import (
    HANDLING_HOURS,
    LEAST_VALUE_OF_VIP,
    SEVERITIES,
    UNKNOWN,
    NatureTeam,
    PriorityWeights,
    QueueEntry,
    QueueEntryQuerySet,
    SourceImportance,
    handling_hours,
    severities,
)
from careloop.routing.models.simulation import Simulation

__all__ = [
    "HANDLING_HOURS",
    "LEAST_VALUE_OF_VIP",
    "SEVERITIES",
    "UNKNOWN",
    "NatureTeam",
    "PriorityWeights",
    "QueueEntry",
    "QueueEntryQuerySet",
    "Simulation",
    "SourceImportance",
    "handling_hours",
    "severities",
]
