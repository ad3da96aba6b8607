"""The work that ends what is over: one module for each kind of garbage, and what runs them."""
