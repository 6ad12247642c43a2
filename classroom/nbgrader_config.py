"""nbgrader for everybody in the class: students list, fetch and submit; the instructor has the course folder too."""

import os
from pathlib import Path

c = get_config()

c.CourseDirectory.course_id = "thlab"
c.Exchange.root = os.environ.get("THLAB_EXCHANGE", "/srv/nbgrader/exchange")

# A copy of build/student in the instructor's home. Its own nbgrader_config.py says how this course is graded.
COURSE = Path.home() / "thlab_course"
if (COURSE / "nbgrader_config.py").exists():
    c.CourseDirectory.root = str(COURSE)

# In a trial all servers run as one user of the machine, so nbgrader has to be told who submits.
if os.environ.get("THLAB_TRIAL") == "yes":
    c.ExchangeCollect.check_owner = False
    if os.environ["JUPYTERHUB_USER"] != os.environ["THLAB_INSTRUCTOR"]:
        c.CourseDirectory.student_id = os.environ["JUPYTERHUB_USER"]
