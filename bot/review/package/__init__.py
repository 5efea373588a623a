"""Published reviews as other programs write them: read into one model, written again. Pure.

docs/packages.md says which shapes are read, what is kept of them and what the review folder makes
of it.
"""
