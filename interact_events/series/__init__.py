"""Events made from templates, and events that belong together."""
