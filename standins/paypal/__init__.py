"""A local stand-in of PayPal's API, for development and tests. See standins/README.md."""
