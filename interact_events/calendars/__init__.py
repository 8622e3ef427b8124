"""Events as calendars understand them."""
