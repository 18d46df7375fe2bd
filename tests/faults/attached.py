"""Faults in files of posts: who gets them, what stays of them, what they hold."""

from .planting import fault

_SHOWN, _KEPT = "slices/test_attached_shown.py", "slices/test_attached_kept.py"
_HOSTILE, _RECEIPTS = "slices/test_attached_hostile.py", "slices/test_attached_receipts.py"
_QUERIES, _VIEWS, _DEEDS = "posts/queries/attached.py", "posts/views/attaching.py", "posts/attaching.py"

FAULTS = [
    fault("a_file_of_a_removed_post_is_given", _QUERIES,
          "    if view.post.removed_at is not None and not moderates:\n        raise NotHere\n", "", f"{_SHOWN}::test_removing_a_post_closes_its_files_at_once"),
    fault("a_file_is_given_whatever_its_post", _QUERIES,
          "File.place_kind == kind,\n            File.place_id == place_id, File.removed_at", "File.removed_at", _SHOWN, _KEPT),
    fault("what_an_edit_took_out_is_everybodys", _QUERIES,
          "if file_id not in named and (moderates or view.post.author_id == member.account_id):", "if file_id not in named:", _KEPT),
    fault("a_picture_keeps_what_it_tells", "core/pictures.py",
          "    plain.info = {}  # what the writers of all kinds would take over\n", "", _HOSTILE),
    fault("a_bomb_is_decoded", "core/pictures.py",
          "    if pixels > (MOST_PIXELS_JPEG if kind == \"JPEG\" else MOST_PIXELS) or image.width < 1 or image.height < 1:\n        raise PictureTooLargeError\n",
          "", _HOSTILE),
    fault("a_still_picture_passes_as_a_film", "core/kinds.py",
          "return type_of(head) if _FILM_BRANDS.fullmatch(head[8:12]) else None", "return type_of(head)", _HOSTILE),
    fault("another_persons_file_is_taken", _DEEDS,
          'and_(File.place_kind == "draft", File.author_id == author_id)', 'File.place_kind == "draft"', _KEPT),
    fault("the_same_file_is_kept_twice", _VIEWS,
          "        if (known := self.by_sent.get(sent)) is not None:", "        if (known := self.by_sent.get(sent)) is not None and False:",
          f"{_SHOWN}::test_pressed_twice_stores_files_once"),
    fault("files_of_a_draft_are_cleared", _DEEDS,
          "        if draft is not None and row.public_id in {each.id for each in attached_in(draft.files)}:\n            continue\n", "", _KEPT),
    fault("the_bytes_of_a_file_are_not_read", _DEEDS,
          "_digest_of(row) if reads else _told(row)", "_told(row)", _RECEIPTS),
    fault("a_receipt_is_of_words_alone", "posts/receipting.py",
          "    return tuple(each.sha256 for each in written.files)", "    return ()", _RECEIPTS),
    fault("another_file_under_the_same_key_is_the_same_post", "posts/drafts.py",
          "    digest = text_digest(title, source, *sorted(attached)) if attached else plain\n", "    digest = plain\n", _SHOWN, _KEPT),
]  # fmt: skip
