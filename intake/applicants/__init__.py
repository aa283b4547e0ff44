"""The applicants' pages: the form, the link, the status page."""

<<<<<<< /tmp/p2c/privacy/shadow/intake/applicants/__init__.py
from intake.applicants import entry, filling, following, linking, personal
from intake.applicants.blueprint import bp

__all__ = ["bp", "entry", "filling", "following", "linking", "personal"]
=======
from intake.applicants import attaching, entry, filling, following, linking
from intake.applicants.blueprint import bp

__all__ = ["attaching", "bp", "entry", "filling", "following", "linking"]
>>>>>>> /tmp/p2c/privacy/now/intake/applicants/__init__.py
