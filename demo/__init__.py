"""What exists only to try the portal. A production configuration refuses to load it."""
