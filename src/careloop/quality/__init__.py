"""Quality: what a good reply looks like, checked before it is sent."""
