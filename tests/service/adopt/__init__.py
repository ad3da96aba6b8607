"""Adoption of single images from a Glance that tells much or little, and that fails."""
