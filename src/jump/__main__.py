"""`python -m jump` does what the `jump` command does."""

import sys

from jump.cli import main

if __name__ == "__main__":
    sys.exit(main())
