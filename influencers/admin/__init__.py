"""The desk's pages about influencers and what they do."""

from . import people, texts  # noqa: F401
