"""Sends mail by SMTP, or prints it on the console for development."""
