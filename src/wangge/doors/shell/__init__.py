"""Page frame, menus, fragments: the one thing doors share."""
