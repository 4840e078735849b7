"""Limits as dated versions inside guard rails, and grants."""
