"""Lesson pages: text, media, captions, attachments, done."""
