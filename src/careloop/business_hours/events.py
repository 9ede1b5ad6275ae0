"""What happens to working hours."""

CALENDAR_PUBLISHED = "calendar.published"
