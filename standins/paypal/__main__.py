"""`python -m standins.paypal`: see `--help`."""

from .config import read
from .server import serve

if __name__ == "__main__":
    serve(read())
