"""The doctor: looks whether the portal is set up as it should be, and says how to mend what is not (docs/doctor.md).

`manage.py doctor` makes all checks. The page of the admin makes those that are cheap, and shows what a worker found
that made the others. PWM's health page is the model.
"""
