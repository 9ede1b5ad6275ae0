"""One small view an action; rows only through ``conversation_of`` and ``lists``."""
