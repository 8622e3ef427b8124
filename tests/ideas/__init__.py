"""Ideas and who would come."""
