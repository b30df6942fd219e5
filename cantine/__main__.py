"""``python -m cantine``: the command line."""

import sys

from cantine.cli import main

sys.exit(main())
