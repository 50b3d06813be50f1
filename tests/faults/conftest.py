"""Which proofs are too long for `make test`, and run by `make soak` alone?"""

from __future__ import annotations

import os

collect_ignore = [] if os.environ.get("SOAK") else ["test_standby.py"]
