"""Routing: who should do what next, and why."""
