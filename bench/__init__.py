"""How fast Careloop is, in ratios of one run on one machine. See README.md."""
