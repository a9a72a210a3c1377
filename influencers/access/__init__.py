"""Who may enter the portal, and what a phone may keep of its pages."""
