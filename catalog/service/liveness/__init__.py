"""Whether the process that takes an image's data still lives: advice for those who tidy up after it."""
