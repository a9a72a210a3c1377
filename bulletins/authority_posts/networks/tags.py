"""Hashtags as they stand in a text."""

import re

TAG = re.compile(r"(?<![\w#/])#(\w{1,64})(?!\w)")
