"""Channels beside mail: how messages leave by each, where it is set up."""

from .installation import env

# In exercises nothing leaves: what would go by these channels comes to the mail catcher, so that it can be practised.
EXERCISE_CHANNELS = env.choices("EXERCISE_CHANNELS", {"push", "sms", "telegram", "whatsapp", "room"})
