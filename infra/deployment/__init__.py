"""Deploying to an AWS account, and taking it down again."""
