"""From a frozen message to the bytes that go over the wire, and to its page in the browser."""
