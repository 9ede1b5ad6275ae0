"""The database backend `careloop.common.db.sqlite`."""
