"""Acts of people on notices, each recorded."""
