"""What the knowledge base does."""
