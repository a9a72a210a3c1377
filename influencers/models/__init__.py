from .choosing import Choice, CoverageTarget, Selection
from .conversations import ArrivedMail, Attachment, HandOver, Harassment, StrayMail, Thread, ThreadMessage
from .exposure import Exposure, Recall, RecallNotice
from .joining import Application, ImportRun, Invitation
from .kits import KitUse
from .pledge import Handbook, Pledge, PledgeText
from .posts import Post, PostFigures, PostMessage
from .profile import Influencer, Interest, PlatformAccount, ValuesQuestion
from .recognition import CannedThanks, Certificate, LessonRead, Thanks

__all__ = [
    "Application",
    "ArrivedMail",
    "Attachment",
    "CannedThanks",
    "Certificate",
    "Choice",
    "CoverageTarget",
    "Exposure",
    "HandOver",
    "Handbook",
    "Harassment",
    "ImportRun",
    "Influencer",
    "Interest",
    "Invitation",
    "KitUse",
    "LessonRead",
    "PlatformAccount",
    "Pledge",
    "PledgeText",
    "Post",
    "PostFigures",
    "PostMessage",
    "Recall",
    "RecallNotice",
    "Selection",
    "StrayMail",
    "Thanks",
    "Thread",
    "ThreadMessage",
    "ValuesQuestion",
]
