from .code_of_ethics import CodeOfEthics, Handbook, Signature
from .conversations import ArrivedMail, Attachment, HandOver, Harassment, Thread, ThreadMessage, UnmatchedMail
from .escalation import AskedPartner, Call, CallNumber, EscalationStep, SeenRequest
from .exposure import Exposure, Recall, RecallNotice
from .kits import KitUse
from .onboarding import Application, ImportRun, Invitation
from .posts import Post, PostFigures, PostMessage
from .profiles import Influencer, Interest, PlatformAccount, ValuesQuestion
from .recognition import CannedThanks, Certificate, LessonRead, Thanks
from .selection import Choice, CoverageTarget, Selection

__all__ = [
    "Application",
    "ArrivedMail",
    "AskedPartner",
    "Attachment",
    "Call",
    "CallNumber",
    "CannedThanks",
    "Certificate",
    "Choice",
    "CodeOfEthics",
    "CoverageTarget",
    "EscalationStep",
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
    "Post",
    "PostFigures",
    "PostMessage",
    "Recall",
    "RecallNotice",
    "SeenRequest",
    "Selection",
    "Signature",
    "Thanks",
    "Thread",
    "ThreadMessage",
    "UnmatchedMail",
    "ValuesQuestion",
]
