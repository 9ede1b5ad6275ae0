"""django-helpdesk as it is measured beside Careloop; runs in an environment of its own, never in ours."""
