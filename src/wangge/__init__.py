"""Wangge (网格): everyday governance of a Chinese district, from its smallest unit, the grid."""
