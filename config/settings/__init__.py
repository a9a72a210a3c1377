"""
All settings, read from the environment (config/env.py). Every variable is described in docs/operating/settings.md and
.env.example; a value that cannot be used stops the start with its name and what it should be.
Each can also be given as a file: NAME_FILE is the path of a file that holds the value of NAME.

Without any variable the embedded parts are used: SQLite, Celery over the file system, the local
mail catcher. `manage.py check --deploy` refuses them.
"""

from .accounts import *
from .celery import *
from .channels import *
from .connections import *
from .desk import *
from .installation import *
from .installed_apps import *
from .languages import *
from .mail import *
from .monitoring import *
from .periods import *
from .storage import *
