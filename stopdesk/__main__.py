"""``python -m stopdesk``, and the command ``stopdesk``."""

from __future__ import annotations

import sys

from stopdesk.cli import main

if __name__ == "__main__":
    sys.exit(main())
