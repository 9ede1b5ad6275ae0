"""What keeps a customer model from being fitted or read, as types.

CustomerModelError
├── TooFewCustomers   the histories or rows cannot teach anything
├── BadHistory        a history that no customer can have, such as a last purchase after today
├── UnusableRows      a table lacks a column, or a cell cannot be read
└── UnreadableTable   the model file is missing, damaged or of another version
"""


class CustomerModelError(ValueError):
    """Root of the family; each message is one sentence."""


class TooFewCustomers(CustomerModelError):
    pass


class BadHistory(CustomerModelError):
    pass


class UnreadableTable(CustomerModelError):
    pass


class UnusableRows(CustomerModelError):
    pass
