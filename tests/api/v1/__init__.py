"""Tests of the Image API v1."""
