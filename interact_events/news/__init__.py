"""News: a weekly mail with new events for somebody's roles and topics, for who asks for it."""
