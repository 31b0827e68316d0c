"""Figures for whoever watches over the machines, in the text format Prometheus reads.

Counts and seconds only: no case, no person, no post. The page is closed until an installation names a
token for it (`WANGGE_METRICS_TOKEN`).
"""
