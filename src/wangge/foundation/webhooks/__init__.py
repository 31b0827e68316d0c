"""Telling other programs what happened: signed, tried again, and never sent inside by accident.

An event holds ids, codes and moments. Whoever wants to know more asks the API, and is shown what their post
may see.
"""
