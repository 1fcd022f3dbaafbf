"""The HTTP edge: how every API looks from outside."""
