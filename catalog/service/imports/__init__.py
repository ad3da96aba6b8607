"""Import: image data that comes from elsewhere, carried out by a durable task."""
