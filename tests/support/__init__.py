"""What the tests work with, and is no test: people, browsers, mail servers, providers."""
