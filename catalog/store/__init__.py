"""The store interface that drivers implement."""
