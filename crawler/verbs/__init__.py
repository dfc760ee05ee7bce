"""The verbs of this room, one file a verb: each gives a click command named `command`."""
