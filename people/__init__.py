"""Who is on record: people, organisations, their usernames and rights, and the import. It has no models of its own."""
