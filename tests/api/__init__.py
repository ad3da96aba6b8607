"""The Image API, row by row from its contract, over a store in memory."""
