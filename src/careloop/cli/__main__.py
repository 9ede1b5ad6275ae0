"""`python -m careloop.cli` is `careloop`; the supervisor starts its parts so."""

from careloop.cli.main import main

main()
