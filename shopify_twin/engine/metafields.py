"""Extra fields an app hangs on a record."""

import json
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

from .records import Record


@dataclass(eq=False, repr=False)
class Metafield(Record):
    """A named, typed value of a record."""

    typename = 'Metafield'
    id: str | None = None
    owner: object = None
    namespace: str = ''
    key: str = ''
    value: str = ''
    type: str = 'single_line_text_field'
    created_at: datetime | None = None
    updated_at: datetime | None = None
    definition: object = None

    @property
    def compare_digest(self):
        """What a compare-and-set must name; changes with the value."""
        return sha256(self.value.encode()).hexdigest()

    @property
    def owner_type(self):
        """The owner's type as an enum value."""
        return {'Order': 'ORDER', 'Customer': 'CUSTOMER'}.get(self.owner.typename, 'ORDER')

    @property
    def size_in_bytes(self):
        """Length of the value."""
        return len(self.value.encode())

    @property
    def json_value(self):
        """The value as JSON, where its type is; else the text."""
        is_json = self.type == 'json' or self.type.startswith(('list.', 'number_', 'boolean'))
        return json.loads(self.value) if is_json else self.value
