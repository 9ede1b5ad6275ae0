"""What happens to a customer's record."""

CUSTOMER_CREATED = "customer.created"
IDENTITY_ADDED = "customer.identity_added"
IDENTITY_UNDELIVERABLE = "customer.identity_undeliverable"
