"""Clocks: what we owe a customer by when, what happens before it is late, and how it ended."""
