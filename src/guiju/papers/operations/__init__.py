"""What is done with attachments, papers, signatures and seals."""
