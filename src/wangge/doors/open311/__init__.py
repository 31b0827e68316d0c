"""The door for civic programs that speak Open311 GeoReport v2."""
