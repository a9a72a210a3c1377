"""What every crisis of a kind begins with: one YAML file each, whose texts another country may write anew, and their reader."""
