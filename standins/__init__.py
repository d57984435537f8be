"""Local stand-ins of outside services, for development and tests only. They import nothing of the product."""
