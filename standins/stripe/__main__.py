"""`python -m standins.stripe`: see `--help`."""

from ..common.server import serve
from .app import build
from .config import Config

if __name__ == "__main__":
    serve(Config.read(), build)
