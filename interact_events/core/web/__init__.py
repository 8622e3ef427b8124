"""The edge to the web that all features share."""
