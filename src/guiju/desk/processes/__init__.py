"""The processes of the desk, one file each."""
