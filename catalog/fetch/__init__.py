"""Image data from the web: which URLs may be fetched, and fetching them whole."""
