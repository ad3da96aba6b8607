"""The image cache of a node: its files, its bound, its failures."""
