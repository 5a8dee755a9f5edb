"""What the steps ask for, one file a process."""
