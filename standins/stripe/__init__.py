"""A small stateful stand-in of the part of Stripe's API that the site uses. See `standins/README.md`."""
