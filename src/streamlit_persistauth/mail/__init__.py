"""How mail leaves: by SMTP, or onto the console of a developer."""
