"""HTTP: parse a request, call one service, dump the answer."""
