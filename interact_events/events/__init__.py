"""Events and their agenda: the catalogue that everybody sees, the editor of the offices."""
