"""What colleagues write to customers: drafts, saved replies, and the check before sending."""
