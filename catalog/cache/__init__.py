"""The image cache of one node: whole images on a local disk, so that the store is asked once."""
