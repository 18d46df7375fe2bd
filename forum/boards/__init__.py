"""Boards: prompts, forms, checkpoints, due rules, extensions."""
