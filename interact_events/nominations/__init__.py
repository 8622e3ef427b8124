"""A seat belongs to the programme: handing it over, and nominating people for it."""
