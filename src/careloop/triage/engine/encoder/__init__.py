"""Sentence encoders, all optional: a text becomes a vector, and texts that mean alike lie near each other.

`preparing` makes a folder from a package on this machine, `files` knows what is in such a folder, and `encoder` turns
texts into vectors with it. Nothing here reaches for the network; `docs/encoder.md` says where encoders come from.
"""
