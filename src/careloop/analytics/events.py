"""What happens to reports."""

REPORT_MADE = "report.made"
REPORT_EDITED = "report.edited"
REPORT_PUBLISHED = "report.published"
