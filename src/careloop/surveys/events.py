"""What happens to a survey."""

SURVEY_ASKED = "survey.asked"  # there is a page where the customer can answer
SURVEY_SENT = "survey.sent"  # the invitation is in the thread
SURVEY_ANSWERED = "survey.answered"
SURVEY_WITHHELD = "survey.withheld"  # nobody is asked: the customer may harm themselves
SURVEY_RELEASED = "survey.released"  # a person says that they may be asked all the same
