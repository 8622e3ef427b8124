"""Certificates of attendance: issued once, stored as they were, verifiable by anybody."""
