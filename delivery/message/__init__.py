"""From a frozen message to the bytes that go over the wire."""
