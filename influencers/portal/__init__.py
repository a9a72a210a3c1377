"""
What the portal's pages show, read from published data only: frozen editions, never the working copy.

Each page costs a fixed number of queries, whatever the number of bulletins, messages or answers.
"""
