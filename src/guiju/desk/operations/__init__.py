"""What the steps of the desk do."""
