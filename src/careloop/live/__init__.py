"""The live room: the bus that carries recorded events, the streams to browsers, and who looks and types.

One ASGI process serves all streams and only ever reads the database. The wire format is in docs/live.md.
"""
