"""What the catalog does, without HTTP."""
