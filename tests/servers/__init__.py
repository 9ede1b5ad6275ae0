"""Real servers for tests: thrown-away, on high ports of this machine, without systemd."""
