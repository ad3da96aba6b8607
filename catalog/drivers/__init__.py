"""One module a kind of store: its settings become a driver. Loaded when the first store of that kind is opened."""
