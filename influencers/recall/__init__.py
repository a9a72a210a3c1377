"""
Recall: something that people read, took or posted has changed. Who posted it hears first, then who took words or files,
then who read it; each gets ready words for their platforms and says that they have seen to it.
"""
