"""Drafts in shadow: what they would have decided on payments that came after they were made."""
