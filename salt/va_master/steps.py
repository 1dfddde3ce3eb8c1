"""The steps of a driver and what comes of validating one, with the attributes that va_master reads."""


class Step(object):
    """A page of the form: its ``name`` and its ``fields``."""

    def __init__(self, name, fields=()):
        self.name = name
        self.fields = [dict(field) for field in fields]

    def add_field(self, id_, name, type, blank=False, option_choices=()):
        """Adds a field of the type ``str``, ``options`` or ``description``."""
        field = {"type": type, "id": id_, "name": name, "blank": blank}
        if option_choices:
            field["option_choices"] = list(option_choices)
        self.fields.append(field)

    def add_fields(self, list_of_fields):
        """Adds fields given by the arguments of ``add_field``."""
        for field in list_of_fields:
            self.add_field(*field)

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

    def __init__(self, errors, new_step_index, option_choices, provider=None):
        self.errors = errors
        self.new_step_index = new_step_index
        self.option_choices = option_choices
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
