"""The desk's pages about what we say. Every step of a bulletin is one domain call; a refusal changes nothing."""

from . import bulletins, cadences, digests, editions, inputs, questions, records, snippets

__all__ = ["bulletins", "cadences", "digests", "editions", "inputs", "questions", "records", "snippets"]
