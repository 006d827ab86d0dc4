"""Turn HTTP into one service call: one page a file."""
