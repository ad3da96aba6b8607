"""Adoption: the images of an existing Glance become images of this catalog."""
