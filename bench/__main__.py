"""bin/bench: measures the site and prints what it found. Writes nothing."""

import argparse
import sys

from bench.existing import LIMIT_MB
from bench.report import heading, say
from bench.site import Site, running_site
from bin.lib.command import leave_tidily_when_told

PARTS = ("explain", "http", "chat", "sign-in", "money", "memory")


def parsed_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="bin/bench", description=__doc__)
    parser.add_argument("part", nargs="?", choices=PARTS, help="only this part")
    parser.add_argument("--explain", action="store_const", const="explain", dest="part", help="the same as explain")
    parser.add_argument("--scale", type=int, default=2000, help="of seed_demo; 2000 is 100,000 projects and gigs")
    parser.add_argument("--seconds", type=int, default=8, help="of each round")
    parser.add_argument("--rounds", type=int, default=3, help="of which the median counts")
    parser.add_argument("--only", default="", help="only the requests, or parts of money, whose name contains this")
    return parser.parse_args()


def main() -> int:
    arguments = parsed_arguments()
    leave_tidily_when_told()
    with running_site(arguments.scale) as site:
        parts = [arguments.part] if arguments.part else PARTS
        results = [_run(part, site, arguments) for part in parts]
    return 0 if all(results) else 1


def _run(part: str, site: Site, arguments: argparse.Namespace) -> bool:
    # Imported here: their modules need the site's settings, which exist once it runs.
    if part == "explain":
        from bench import explain

        heading("Database time of the hot reads, by EXPLAIN (ANALYZE, BUFFERS)")
        return explain.run()
    if part == "http":
        from bench import http

        heading(f"Requests, 16 connections, median of {arguments.rounds} rounds of {arguments.seconds} s")
        return http.run(site, seconds=arguments.seconds, rounds=arguments.rounds, only=arguments.only)
    if part == "chat":
        from bench import chat

        heading("Messages from one socket to the other side's, 50 rooms")
        return chat.run(site, seconds=2 * arguments.seconds)
    if part == "sign-in":
        from bench import sign_in

        heading("Signing in, and being signed in")
        return sign_in.run()
    if part == "money":
        from bench import money

        heading("Money, with every constraint on")
        return money.run(site, seconds=arguments.seconds, only=arguments.only)
    from bench import memory

    heading(f"Memory of the served site, limit {LIMIT_MB} MB")
    return memory.run(site)


if __name__ == "__main__":
    code = main()
    say("")
    sys.exit(code)
