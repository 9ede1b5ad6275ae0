"""What happens among the people of the desk."""

PRESENCE_CHANGED = "presence.changed"
