"""``calotype adopt``: the command, the Glance that it reads, and its report."""
