"""Audit: who changed what, written with the change itself and never altered."""
