"""Web push: notifications to browsers that somebody allowed them for, encrypted for each (docs/operating/channels/push.md)."""
