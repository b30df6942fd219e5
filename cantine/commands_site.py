"""Verbs that serve: start (the demonstration, then the site) and serve."""

import argparse

from cantine import serve as server
from cantine import start as demonstration
from cantine.config import Config

DONE = 0


def start(config: Config, args: argparse.Namespace) -> int:
    """``cantine start``: database, demonstration and first plan; then the site, unless ``--once``."""
    engine, code = demonstration.start(config)
    engine.dispose()
    return code if args.once else serve(config, args)


def serve(config: Config, _args: argparse.Namespace) -> int:
    """``cantine serve``: until stopped."""
    server.serve(config)
    return DONE
