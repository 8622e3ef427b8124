"""The three main paths, as people walk them."""
