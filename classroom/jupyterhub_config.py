"""JupyterHub for a class of thlab: a trial on one's own machine as it stands, a real class with THLAB_TRIAL=no.

Start it in a folder of its own, which will hold all that it writes (THLAB_CLASS can name another):

    mkdir class && cd class
    ../.venv/bin/jupyterhub -f ../classroom/jupyterhub_config.py
"""

import os
import sys
from pathlib import Path

c = get_config()

TRIAL = os.environ.get("THLAB_TRIAL", "yes") == "yes"
INSTRUCTOR = "instructor"
STUDENTS = {"ada", "ben"}

CLASSROOM = Path(__file__).resolve().parent
HERE = Path(os.environ.get("THLAB_CLASS", ".")).resolve()
EXCHANGE = Path(os.environ.get("THLAB_EXCHANGE", HERE / "exchange" if TRIAL else "/srv/nbgrader/exchange"))
PROGRAMS = Path(sys.executable).parent
PORT = int(os.environ.get("THLAB_PORT", "8000"))

# Only this machine reaches the hub. For others put nginx or Caddy in front of it, with HTTPS; this proxy speaks none.
c.JupyterHub.bind_url = f"http://127.0.0.1:{PORT}"
c.JupyterHub.hub_bind_url = f"http://127.0.0.1:{PORT + 1}"
c.ConfigurableHTTPProxy.api_url = f"http://127.0.0.1:{PORT + 2}"
c.ConfigurableHTTPProxy.command = [str(PROGRAMS / "configurable-http-proxy"), "--log-level", "warning"]
c.ConfigurableHTTPProxy.pid_file = str(HERE / "jupyterhub-proxy.pid")
c.JupyterHub.db_url = f"sqlite:///{HERE / 'jupyterhub.sqlite'}"
c.JupyterHub.cookie_secret_file = str(HERE / "jupyterhub_cookie_secret")

# Who may come in.
c.Authenticator.allowed_users = STUDENTS | {INSTRUCTOR}
if TRIAL:  # everybody has the same password, and can come in as anybody
    c.JupyterHub.authenticator_class = "shared-password"
    c.SharedPasswordAuthenticator.user_password = os.environ.get("THLAB_PASSWORD", "talking-heads")
else:  # accounts of this machine; an OAuth or LTI authenticator goes here in its place
    c.JupyterHub.authenticator_class = "pam"

# Where notebooks run.
if TRIAL:  # as whoever started the hub, in a home for each name
    c.JupyterHub.spawner_class = "simple"
    c.SimpleLocalProcessSpawner.home_dir_template = str(HERE / "home" / "{username}")
    c.Spawner.args = ["--allow-root"] if os.geteuid() == 0 else []
else:  # as the student, in the student's home; the hub is then started as root
    c.JupyterHub.spawner_class = "jupyterhub.spawner.LocalProcessSpawner"
c.Spawner.cmd = [sys.executable, "-m", "jupyterhub.singleuser"]
c.Spawner.default_url = "/lab"
c.Spawner.start_timeout = c.Spawner.http_timeout = 120  # seconds; a busy machine is slow to start thirty servers
c.Spawner.environment = {
    "PATH": os.pathsep.join([str(PROGRAMS), os.environ["PATH"]]),  # nbgrader calls alembic
    "JUPYTER_CONFIG_PATH": str(CLASSROOM),  # the nbgrader_config.py beside this file
    "THLAB_SOLUTIONS": "off",  # the checks offer no solutions
    "THLAB_EXCHANGE": str(EXCHANGE),
    "THLAB_INSTRUCTOR": INSTRUCTOR,
    "THLAB_TRIAL": "yes" if TRIAL else "no",
}

# Where notebooks are handed out and in. nbgrader wants it to be there, and everybody to be able to write into it.
if not EXCHANGE.exists():
    EXCHANGE.mkdir(parents=True)
    EXCHANGE.chmod(0o777)
