"""What is wrong with a file of the demo, and where."""


class ContentError(ValueError):
    """A fault in the demo's files; says the file and the key."""

    def __init__(self, file: str, key: str, message: str) -> None:
        super().__init__(f"{file}: {key}: {message}" if key else f"{file}: {message}")
        self.file, self.key, self.message = file, key, message
