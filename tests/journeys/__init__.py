"""The API and its sockets as a client from outside uses them, against a served site."""
