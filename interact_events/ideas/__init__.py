"""What stakeholders and offices would like to be held, and how many would come."""
