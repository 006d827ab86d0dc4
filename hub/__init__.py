"""The public front page, help, notices, and the page you land on."""
