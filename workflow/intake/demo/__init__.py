"""The demonstration: an invented organisation that has worked with Baton for months."""

from workflow.intake.demo.build import PASSWORD, NotEmpty, SignIn, build, is_demonstration, sign_ins

__all__ = ["PASSWORD", "NotEmpty", "SignIn", "build", "is_demonstration", "sign_ins"]
