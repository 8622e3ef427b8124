"""Choosing among applicants: the board, a fair proposal, one press that decides them all."""
