"""Mails that come back: reading what mail servers report, and whom nothing reaches."""
