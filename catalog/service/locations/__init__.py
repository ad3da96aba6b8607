"""Addresses as the data of an image: the calls, the PATCH, the task that reads them."""
