"""Puts the plan on the stage: people, goods, three months of messages through the real road, a rota."""
