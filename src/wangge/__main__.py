"""`python -m wangge` is the `wangge` command."""

from wangge.config.command import main

main()
