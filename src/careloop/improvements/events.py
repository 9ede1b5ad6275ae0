"""What happens to questions without an article, and to improvements."""

QUESTIONS_LOOKED_AT = "questions.looked_at"  # the week's questions were sorted into groups
QUESTION_SETTLED = "question.settled"  # a group was put aside or put into the register
IMPROVEMENT_PROPOSED = "improvement.proposed"  # it stands in the register, with its evidence
IMPROVEMENT_MOVED = "improvement.moved"  # it is being done, done, or dropped, and who said so
