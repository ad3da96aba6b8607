"""One suite for every driver: what the store interface promises, races and crashes included."""
