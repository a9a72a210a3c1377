"""What else we tell or ask over the network."""

from .installation import env

# The notification hook: where what staff should know at once is posted as JSON, and the key it is signed with.
NOTIFY_URL = env.hook("NOTIFY_URL")
NOTIFY_SECRET = env.text("NOTIFY_SECRET")

# The WebSub hub that hears of every change of the feeds (website/feeds/websub.py); empty: none.
WEBSUB_HUB = env.hook("WEBSUB_HUB")

# The services that measures may ask for figures (impact/measures/collectors/); none unless named. The keys of those that need one.
COLLECTORS = env.choices("COLLECTORS", {"bluesky", "mastodon", "media-cloud", "youtube"})
MEDIA_CLOUD_KEY = env.text("MEDIA_CLOUD_KEY")
YOUTUBE_KEY = env.text("YOUTUBE_KEY")

# Hosts of our own (host:port) whose addresses may be tried although they are private (lib/http/safe_fetch.py).
FETCH_ALLOW = env.hosts("FETCH_ALLOW")

# A callable embed(texts) that turns texts into numbers, as a dotted path (factcheck/matching/embeddings.py); empty: none.
EMBEDDER = env.text("EMBEDDER")

# The folder of a model that tells whether one sentence contradicts another (lib/text/statements/inference_model.py); empty: none.
NLI_MODEL = env.text("NLI_MODEL")

# The folder with models that draft translations (lib/text/machine_translation.py), a folder for each direction; empty: none.
TRANSLATION_MODELS = env.text("TRANSLATION_MODELS")
# The folder of Whisper models that draft subtitles (lib/text/speech.py). Empty: nobody is offered drafts of what is spoken.
SPEECH_MODELS = env.text("SPEECH_MODELS")

# The folder of Hunspell's dictionaries (lib/text/linguistics/spelling.py); empty: no spelling hints, and Voikko is not asked.
DICTIONARIES = env.text("DICTIONARIES", "/usr/share/hunspell")
if DICTIONARIES == "none":
    DICTIONARIES = ""
