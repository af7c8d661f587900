"""How messages leave the house: by e-mail and to webhooks. What is shown on the pages needs none of this."""

from workflow.delivery.deliverer import Deliverer

__all__ = ["Deliverer"]
