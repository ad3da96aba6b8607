"""Conversion of disk images between formats by qemu-img, on this node's disk."""
