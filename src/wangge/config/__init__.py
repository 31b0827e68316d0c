"""Settings, urls, wsgi; the `wangge` command."""
