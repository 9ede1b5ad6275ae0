"""From the bytes of an e-mail to what a person said. Pure: imports neither Django nor the rest of Careloop."""
