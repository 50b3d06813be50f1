"""What does `python -m dispatch` do? The same as `onevisit`."""

from dispatch.cli.main import main

main()
