"""Notification: alerts, and the mails that tell people of them."""
