"""Published editions as influencers read them: key messages, the words for each platform, what changed."""
