"""What is recorded about background work."""

JOB_DIED = "job.died"
JOB_RUN_AGAIN = "job.run_again"
JOB_DISCARDED = "job.discarded"
