"""From a send to its deliveries: who gets it, by which channel, in which language, and by mail where the channel failed."""
