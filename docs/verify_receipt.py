"""Check a proof of arrival with a public JOSE library and none of our code (pip install joserfc).

    python verify_receipt.py KEYS TOKEN [SALT WORDS [FILE...]]

KEYS is a file with the site's /receipts/keys.json, TOKEN one with the token, WORDS one with the words as they were sent, each
FILE what was attached, as it can be downloaded, in order.
"""

import json
import sys
from hashlib import sha256
from pathlib import Path

from joserfc import jws
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

keys, token, *rest = sys.argv[1:]
token = Path(token).read_text().strip()
try:
    published = KeySet.import_key_set(json.loads(Path(keys).read_text()))
    claims = json.loads(jws.deserialize_compact(token, published, ["ES256"]).payload)
except (JoseError, ValueError) as error:
    sys.exit(f"not genuine: {error}")
print(json.dumps(claims, indent=1, ensure_ascii=False))
if rest:
    words = Path(rest[1]).read_bytes().replace(b"\r\n", b"\n")
    digests = [sha256(words).hexdigest(), *(sha256(Path(each).read_bytes()).hexdigest() for each in rest[2:])]
    if sha256("\n".join([rest[0], *digests]).encode()).hexdigest() != claims["words"]:
        sys.exit("genuine, but these are not the words that arrived")
print("genuine" + (", and these are the words that arrived" if rest else ""))
