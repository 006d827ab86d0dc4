"""A library of NHS.UK markup for Django: forms and components, the date input, dates and times in words."""
