"""What the API itself does: tokens. Everything else it asks of the apps below."""
