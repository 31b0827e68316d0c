"""The demo town: messages written for it, figures of the three districts; knows every room."""
