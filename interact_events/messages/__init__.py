"""What offices say in their own words, and what was sent."""
