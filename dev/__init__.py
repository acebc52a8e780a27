"""What the Makefile calls: set-up of the environment, databases, demo and checks.

Everything up to `dev.setup` runs on a bare Python 3.11: standard library only.
"""
