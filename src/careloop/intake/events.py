"""What happens at the doors."""

RAW_QUARANTINED = "raw.quarantined"
RAW_REPLAYED = "raw.replayed"
RAW_DISCARDED = "raw.discarded"
BOUNCE_RECEIVED = "bounce.received"
AUTOMATIC_RECEIVED = "automatic.received"
