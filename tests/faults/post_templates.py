"""Faults in templates of boards: what covers words, and what counts of a text that began as a template."""

from .planting import fault

_TEXTS, _COMPOSER = "posts/starting_texts.py", "posts/views/composer.py"
_TESTS = "slices/test_post_templates.py"

FAULTS = [
    fault("the_template_alone_is_a_post", _TEXTS, '        raise Refused("only_template")\n', "        pass\n", _TESTS),
    fault("the_words_of_a_template_count", _TEXTS, "words=words_beyond(board, written.source)", "words=written.words", _TESTS),
    fault("a_template_covers_a_draft", _COMPOSER, "draft.source.strip() or draft.title", "False", _TESTS),
    fault("a_chosen_template_follows_the_forum", "boards/forms.py",
          'if name == OWN:\n            return (self.board', 'if True:\n            return (self.board', _TESTS),
    fault("a_line_is_cut_where_none_ends", "boards/post_templates.py", 'bare.startswith(f"{each} ")', "bare.startswith(each)", _TESTS),
]  # fmt: skip
