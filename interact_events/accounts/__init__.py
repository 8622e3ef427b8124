"""People: sign-in, contact profiles, and who works in which office."""
