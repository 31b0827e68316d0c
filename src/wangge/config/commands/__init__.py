"""The sub-commands of `wangge`, a file each."""
