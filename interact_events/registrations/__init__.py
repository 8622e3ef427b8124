"""Who comes: applications, seats, decisions, the waiting list."""
