"""The door for other programs: REST under `/api/v1/`, with a token that acts from a post (docs/api.md).

A program sees and does what the holder of that post sees and does at the desk, and is refused in the same
words. Nobody's contact is ever told here: looking at one is for people, with a purpose.
"""
