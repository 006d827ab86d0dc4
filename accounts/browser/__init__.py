"""What a browser remembers between two requests: in cookies, or in its session on the server."""
