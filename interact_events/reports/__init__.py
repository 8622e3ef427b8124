"""Figures and what needs doing, over all features."""
