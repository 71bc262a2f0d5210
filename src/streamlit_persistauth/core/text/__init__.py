"""Email addresses, names, languages and the characters of a text."""
