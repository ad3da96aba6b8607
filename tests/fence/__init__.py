"""The fence of a home store on Swift, run over a model of Swift with its unsafe writes."""
