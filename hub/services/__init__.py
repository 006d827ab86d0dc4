"""What the hub knows: one noun a file."""
