"""Files and links that an office shares with the people of an event."""
