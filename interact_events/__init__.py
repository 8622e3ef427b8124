"""Interact Events: a network of offices runs free learning events for its stakeholders."""
