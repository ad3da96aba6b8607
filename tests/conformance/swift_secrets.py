"""Credentials of Swift that no error text may hold."""

KEY, TOKEN, URL_KEY = "verysecretkey", "verysecrettoken", "verysecreturlkey"
