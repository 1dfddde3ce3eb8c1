"""The steps of a driver and what comes of validating one, with the attributes that va_master reads."""


class Step(object):
    """A page of the form: its ``name`` and its ``fields``."""

    def __init__(self, name, fields=()):
        self.name = name
        self.fields = [_field(field) for field in fields]
        # which of them the executable knows; a subclass adds others
        self.known = frozenset(field["id"] for field in self.fields)

    def add_field(self, id_, name, type, blank=False, option_choices=()):
        """Adds a field of the type ``str``, ``options`` or ``description``."""
        field = {"type": type, "id": id_, "name": name, "blank": blank, "option_choices": option_choices}
        self.fields.append(_field(field))

    def add_fields(self, list_of_fields):
        """Adds fields given by the arguments of ``add_field``."""
        for field in list_of_fields:
            self.add_field(*field)

    def add_str_field(self, id_, name, blank=False):
        """Adds a text."""
        self.add_field(id_, name, "str", blank)

    def add_options_field(self, id_, name, blank=False, option_choices=()):
        """Adds a choice."""
        self.add_field(id_, name, "options", blank, option_choices)

    def add_description_field(self, id_, name, blank=True):
        """Adds a text for people, which is not filled in."""
        self.add_field(id_, name, "description", blank)

    def remove_fields(self, list_of_fields):
        """Removes the fields of these ids."""
        self.fields = [field for field in self.fields if field["id"] not in list_of_fields]

    def validate(self, field_values):
        """Whether all that must be filled is filled."""
        wanted = [field for field in self.fields if field["type"] != "description" and not field.get("blank")]
        return all(field_values.get(field["id"]) not in (None, "", [], {}) for field in wanted)

    def serialize(self):
        """As the dashboard takes it."""
        return {"name": self.name, "fields": self.fields}


class StepResult(object):
    """What came of a step. ``provider`` is there after the last one; it holds the password."""

    def __init__(self, errors, new_step_index, option_choices=None, provider=None):
        self.errors = errors
        self.new_step_index = new_step_index
        self.option_choices = {} if option_choices is None else option_choices
        self.provider = provider

    def set_option_choices(self, options):
        """Replaces the choices."""
        self.option_choices = options

    def serialize(self):
        """As the dashboard takes it: without the provider."""
        return {
            "errors": self.errors,
            "new_step_index": self.new_step_index,
            "option_choices": self.option_choices,
        }


def strings(choices):
    """va_master's forms know strings; a choice with a title of its own is its value."""
    return [choice["const"] if isinstance(choice, dict) else choice for choice in choices]


def _field(field):
    """A field whose choices are what va_master wants: a mapping of its id to them."""
    field = dict(field)
    choices = field.pop("option_choices", None) or ()
    if not isinstance(choices, dict):
        choices = {field["id"]: strings(choices)}
    if field["type"] == "options" or choices.get(field["id"]):
        field["option_choices"] = choices
    return field
