"""Careloop: a customer-care desk that closes the loop from complaint to loyalty, with proof."""

__version__ = "0.1.0"
