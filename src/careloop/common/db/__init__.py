"""How Careloop talks to its databases: the SQLite backend with one write lock, and the address of either."""
