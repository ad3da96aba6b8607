"""What runs inside Swift's own environment; nothing of the project is imported there."""
