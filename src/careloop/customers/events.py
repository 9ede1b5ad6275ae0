"""What happens to a customer's record."""

CUSTOMER_CREATED = "customer.created"
CUSTOMER_CHANGED = "customer.changed"  # what they are to us: value tier or spend
CUSTOMER_MERGED = "customer.merged"  # two records were one person
ORDER_KEPT = "order.kept"  # an order came or changed
SPEND_RANKED = "customer.spend_ranked"  # the spend of some stands elsewhere among all
IDENTITY_ADDED = "customer.identity_added"
IDENTITY_UNDELIVERABLE = "customer.identity_undeliverable"
