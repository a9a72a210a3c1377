"""Celery: rows are the queue, Celery only wakes it. And the processes of `./run serve`."""

from celery.schedules import schedule
from kombu import Exchange, Queue

from .installation import DATA_DIR, env
from .storage import EMBEDDED_BROKER, REDIS_PREFIX, REDIS_URL

CELERY_BROKER_URL = REDIS_URL or "filesystem://localhost"  # the name means nothing, but without one kombu warns
CELERY_BROKER_TRANSPORT = None if REDIS_URL else "config.backends.file_broker:Transport"
BROKER_DIR = DATA_DIR / "broker"
if EMBEDDED_BROKER:
    for name in ("messages", "taken", "control"):
        (BROKER_DIR / name).mkdir(parents=True, exist_ok=True)
CELERY_BROKER_TRANSPORT_OPTIONS: dict = (
    {
        "global_keyprefix": f"{REDIS_PREFIX}:",
        "visibility_timeout": 3600,
        "socket_timeout": 10,
        "socket_connect_timeout": 5,
        "socket_keepalive": True,
        "health_check_interval": 20,
        "retry_on_timeout": True,
    }
    if REDIS_URL
    else {
        "data_folder_in": str(BROKER_DIR / "messages"),
        "data_folder_out": str(BROKER_DIR / "messages"),
        "processed_folder": str(BROKER_DIR / "taken"),
        "control_folder": str(BROKER_DIR / "control"),
        "store_processed": False,
        # A worker looks for its next message this often; at kombu's one second, messages come faster than they are taken, and
        # what each second asks for is too old whenever its turn comes.
        "polling_interval": 0.1,
    }
)
CELERY_TASK_QUEUES = [
    Queue(name, Exchange(name), routing_key=name)
    for name in ("urgent-planning", "tick", "urgent", "bulletin", "digest", "background", "films", "upkeep")
]
CELERY_TASK_DEFAULT_QUEUE = "tick"
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_SOFT_TIME_LIMIT = 660
CELERY_TASK_TIME_LIMIT = 720
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_SOFT_SHUTDOWN_TIMEOUT = 25
CELERY_WORKER_ENABLE_SOFT_SHUTDOWN_ON_IDLE = True
CELERY_WORKER_CANCEL_LONG_RUNNING_TASKS_ON_CONNECTION_LOSS = False
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_BROKER_CONNECTION_MAX_RETRIES = None
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_ENABLE_UTC = True
CELERY_TIMEZONE = "UTC"
CELERY_DB_REUSE_MAX = 1000

TICK_SECONDS = env.integer("TICK_SECONDS", 30, 1, 300)
CELERY_BEAT_SCHEDULE = {
    # A tick that nobody took before the next one is due says nothing new.
    "tick": {
        "task": "config.tasks.tick",
        "schedule": schedule(TICK_SECONDS),
        "options": {"expires": TICK_SECONDS},
    },
    "start_due": {"task": "config.tasks.start_due", "schedule": schedule(1), "options": {"expires": 1}},
    "start_urgent": {
        "task": "config.tasks.start_urgent",
        "schedule": schedule(1),
        "options": {"queue": "urgent-planning", "expires": 1},
    },
    "count_large": {
        "task": "config.tasks.count_large",
        "schedule": schedule(5),
        "options": {"queue": "upkeep", "expires": 5},
    },
    "forget_due": {
        "task": "config.tasks.forget_due",
        "schedule": schedule(5),
        "options": {"queue": "upkeep", "expires": 5},
    },
    "play_drills": {"task": "config.tasks.play_drills", "schedule": schedule(1), "options": {"expires": 5}},
    "recall_due": {"task": "config.tasks.recall_due", "schedule": schedule(1), "options": {"expires": 1}},
}
# A sign of life from the workers of each queue, for whoever watches; rarely, as the embedded broker carries few messages.
# It may wait behind mail, which goes in runs of ten seconds.
LANE_SECONDS = max(TICK_SECONDS, 30)
CELERY_BEAT_SCHEDULE |= {
    f"show_{queue.name}": {
        "task": "config.tasks.note_worker_alive",
        "args": (queue.name,),
        "schedule": schedule(LANE_SECONDS),
        "options": {"queue": queue.name, "expires": 4 * LANE_SECONDS},
    }
    for queue in CELERY_TASK_QUEUES
}
CELERY_BEAT_SCHEDULE_FILENAME = str(DATA_DIR / "beat")

WEB_PROCESSES = env.integer("WEB_PROCESSES", 2, 1, 64)
WEB_THREADS = env.integer("WEB_THREADS", 8, 1, 64)
# Celery processes for each of the queues urgent, bulletin and digest; the tick, heavy work, films and upkeep have one each.
WORKER_PROCESSES = env.integer("WORKER_PROCESSES", 2, 1, 64)
