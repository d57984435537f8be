"""One module per kind of object; each lists its `ENDPOINTS`."""
