"""Who you are: accounts, sign-in, sessions, settings."""
