"""The site's pages in a real browser, against a served site."""
