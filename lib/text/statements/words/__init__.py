"""The words by which sentences about a crisis say what they say, in Finnish, Swedish and English."""
