"""The desk's pages about influencers and what they do."""

from . import choosing, conversations, imports, joining, people, posts, recalls, recognition, texts  # noqa: F401
