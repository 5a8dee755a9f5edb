"""What the steps of the desk ask for, one file a process."""
