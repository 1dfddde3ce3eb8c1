"""
va_master's handlers, as far as a driver is concerned: what they call, in their order, and what they read of the
answers, on any Python, with tornado's coroutines or without, with a store in memory. test_va_master_life starts this.

usage: va_master_handlers.py SETTINGS PHASE; the JSON file SETTINGS says what is where, and keeps the store between the
phases; what a phase found is printed as JSON
"""

from __future__ import print_function

import functools
import io
import json
import sys

with io.open(sys.argv[1], encoding="utf-8") as file_:
    SETTINGS = json.load(file_)
if not SETTINGS["coroutines"]:
    sys.modules["tornado"] = None
sys.path[:0] = SETTINGS["python_path"]

import va_driver  # noqa: E402

if SETTINGS["coroutines"]:
    import tornado.gen
    import tornado.ioloop

    Return = tornado.gen.Return
    handler = tornado.gen.coroutine

    def run(function, *args):
        loop = tornado.ioloop.IOLoop.current()
        return loop.run_sync(functools.partial(function, *args), timeout=600)

    def at_once(functions):
        @handler
        def all_():
            answers = yield [function() for function in functions]
            raise Return(answers)

        return run(all_)

else:

    class Return(Exception):
        def __init__(self, value=None):
            Exception.__init__(self)
            self.value = value

    def handler(function):
        @functools.wraps(function)
        def wrapper(*args):
            steps = function(*args)
            value = None
            try:
                while True:
                    value = steps.send(value)
            except Return as answer:
                return answer.value
            except StopIteration:
                return None

        return wrapper

    def run(function, *args):
        return function(*args)

    def at_once(functions):
        return [function() for function in functions]


class Rack(va_driver.LibVirtDriver):
    """A driver as the seed describes them: an id, a field and template variables of its own."""

    @handler
    def driver_id(self):
        yield None if not SETTINGS["coroutines"] else tornado.gen.moment
        raise Return("rack")

    @handler
    def friendly_name(self):
        yield None if not SETTINGS["coroutines"] else tornado.gen.moment
        raise Return("A rack")

    @handler
    def get_steps(self):
        steps = yield super(Rack, self).get_steps()
        steps[0].add_fields([("shelf", "Shelf", "str"), ("pool", "Pool", "str", True)])
        raise Return(steps)

    @handler
    def validate_field_values(self, step_index, field_values):
        if step_index == 0:
            self.provider_vars["VAR_SHELF"] = field_values["shelf"]
            self.profile_vars["VAR_SHELF"] = "profile of " + field_values["shelf"]
        result = yield super(Rack, self).validate_field_values(step_index, field_values)
        if result.new_step_index == -1:
            self.field_values["by"] = "rack"
        # a result of its own, as drivers make them
        raise Return(va_driver.StepResult(result.errors, result.new_step_index, result.option_choices))


class Store(object):
    """The datastore: providers by name."""

    def __init__(self, providers):
        self.providers = providers

    def insert(self, record):
        self.providers[record["provider_name"]] = json.loads(json.dumps(record))


STORE = Store(SETTINGS.setdefault("store", {}))
OPTIONS = dict(SETTINGS["options"], datastore_handler=STORE)
DRIVERS = va_driver.drivers(**OPTIONS) + [
    Rack(
        provider_template="VAR_PROVIDER_NAME: {driver: va_libvirt, shelf: VAR_SHELF, keyname: VAR_SSH_NAME}\n",
        profile_template="VAR_PROFILE_NAME: {provider: VAR_PROVIDER_NAME, shelf: VAR_SHELF, image: VAR_IMAGE}\n",
        **OPTIONS
    )
]


@handler
def driver_of(id_):
    for driver in DRIVERS:
        found = yield driver.driver_id()
        if found == id_:
            raise Return(driver)
    raise KeyError(id_)


@handler
def list_drivers():
    listed = []
    for driver in DRIVERS:
        id_ = yield driver.driver_id()
        name = yield driver.friendly_name()
        steps = yield driver.get_steps()
        listed.append({"id": id_, "friendly_name": name, "steps": [step.serialize() for step in steps]})
        triggers = yield driver.get_driver_trigger_functions()
        assert (triggers["conditions"], triggers["actions"]) == ([], []), triggers
    raise Return(listed)


@handler
def validate(id_, step_index, field_values):
    driver = yield driver_of(id_)
    steps = yield driver.get_steps()
    if step_index >= 0 and not steps[step_index].validate(field_values):
        raise Return({"errors": ["Some fields are not entered properly."], "new_step_index": step_index})
    result = yield driver.validate_field_values(step_index, field_values)
    if result.new_step_index == -1 and not result.errors:
        STORE.insert(driver.field_values)
    raise Return(result.serialize())


@handler
def fill_in(id_, pages):
    """What a person does at the form: each page, with all that was entered before."""
    result = yield validate(id_, -1, {})
    values, choices = {}, dict(result["option_choices"])
    for index, page in enumerate(pages):
        assert (result["errors"], result["new_step_index"]) == ([], index), result
        values.update(page)
        result = yield validate(id_, index, dict(values))
        for name, list_ in result["option_choices"].items():
            assert isinstance(list_, list), (name, list_)
        choices.update(result["option_choices"])
    assert (result["errors"], result["new_step_index"]) == ([], -1), result
    raise Return(choices)


@handler
def edit(name):
    """The form of a stored provider: the choices of each field are a mapping, to which the stored ones are added."""
    record = STORE.providers[name]
    driver = yield driver_of(record["driver_name"])
    steps = yield driver.get_steps()
    values = dict(record, **record["defaults"])
    for step in steps:
        for field in step.fields:
            if field["type"] == "options":
                field["option_choices"].update({field["id"]: [values.get(field["id"])]})
    json.dumps([step.serialize() for step in steps])
    last = len(steps) - 1
    result = yield driver.validate_field_values(last, values)
    assert (result.errors, result.new_step_index) == ([], -1), result.serialize()
    STORE.insert(driver.field_values)


@handler
def overview():
    """All providers by their place, with their servers."""
    places = {}
    for record in STORE.providers.values():
        driver = yield driver_of(record["driver_name"])
        servers = yield driver.get_servers(record)
        status = yield driver.get_provider_status(record)
        data = yield driver.get_provider_data(record, get_servers=True, get_billing=False)
        usage = data["provider_usage"]
        for thing in ("cpus", "ram", "disk", "servers"):
            for how in ("used", "free", "max"):
                assert -1 <= usage["%s_%s" % (how, thing)] < 2**40, usage
        places.setdefault(record["location"], []).append(
            {
                "provider_name": record["provider_name"],
                "provider_ip": record["provider_ip"],
                "servers": [server["hostname"] for server in servers],
                "success": status["success"],
                "message": status["message"],
                "usage": usage,
            }
        )
    raise Return(places)


@handler
def billing(name):
    record = STORE.providers[name]
    driver = yield driver_of(record["driver_name"])
    bill = yield driver.get_provider_billing(record)
    bill["provider"]["memory"] + bill["provider"]["hdd"]  # texts, both
    for server in bill["servers"]:
        for member in ("hostname", "used_cpu", "used_ram", "used_disk", "cost", "estimated_cost"):
            assert server[member] is not None, server
    raise Return(bill)


@handler
def create(name, pages):
    """A server, by the dashboard's three steps; each sends what is new in it."""
    record = STORE.providers[name]
    driver = yield driver_of(record["driver_name"])
    for step, page in enumerate(pages):
        data = yield driver.validate_app_fields(step, provider_name=name, dash_user={"username": "me"}, **page)
    json.dumps(data)
    yield driver.create_server(record, data)
    raise Return(data)


@handler
def act(name, server_name, action):
    record = STORE.providers[name]
    driver = yield driver_of(record["driver_name"])
    try:
        yield driver.server_action(record, server_name, action)
    except Exception as error:  # pylint: disable=broad-except
        raise Return({"success": False, "message": "%s" % error})
    raise Return({"success": True, "message": "completed"})


def failure(function, *args):
    """The text that the dashboard shows of a failure that must come."""
    try:
        answer = run(function, *args)
    except Exception as error:  # pylint: disable=broad-except
        assert type(error).__name__ == "DriverFailure", repr(error)
        return "%s" % error
    raise AssertionError("it did not fail: %s" % answer)


def phase_add():
    id_ = SETTINGS["driver_id"]
    listed = run(list_drivers)
    choices = run(fill_in, id_, SETTINGS["pages"])
    record = STORE.providers[SETTINGS["pages"][0]["provider_name"]]
    for list_, field in (("networks", "network"), ("sec_groups", "sec_group"), ("images", "image"), ("sizes", "size")):
        assert record[list_] == choices.get(field, []), (list_, record[list_], choices)
    run(edit, record["provider_name"])
    return {"drivers": listed, "record": STORE.providers[record["provider_name"]]}


def phase_race():
    """Six people finish their forms at once, twenty times."""
    values = dict((name, value) for page in SETTINGS["pages"] for name, value in page.items())
    for turn in range(20):
        STORE.providers.clear()
        names = ["race-%s-%s" % (turn, number) for number in range(6)]
        ids = ["libvirt", "rack"]
        forms = [dict(values, provider_name=name, shelf="of " + name, location=name) for name in names]
        finish = [functools.partial(validate, ids[number % 2], 0, form) for number, form in enumerate(forms)]
        at_once(finish)
        finish = [functools.partial(validate, ids[number % 2], 2, form) for number, form in enumerate(forms)]
        for answer in at_once(finish):
            assert (answer["errors"], answer["new_step_index"]) == ([], -1), answer
        assert sorted(STORE.providers) == names, (turn, sorted(STORE.providers))
        for number, name in enumerate(names):
            record = STORE.providers[name]
            assert record["location"] == name and record["driver_name"] == ids[number % 2], record
            if number % 2:
                assert (record["shelf"], record["by"]) == ("of " + name, "rack"), record
    return {"records": len(STORE.providers), "record": STORE.providers["race-19-1"]}


def phase_create():
    return run(create, SETTINGS["pages"][0]["provider_name"], SETTINGS["server"])


def phase_look():
    name = SETTINGS["pages"][0]["provider_name"]
    away = dict(STORE.providers[name], provider_name="away", location="far", **SETTINGS["away"])
    STORE.insert(away)
    found = {"places": run(overview), "bill": run(billing, name), "away": run(billing, "away")}
    server = SETTINGS["server"][0]["server_name"]
    found["absent"] = run(act, name, u"\xe9", "start")
    found["action"] = run(act, name, server, SETTINGS["action"])
    del STORE.providers["away"]
    return found


def phase_delete():
    name = SETTINGS["pages"][0]["provider_name"]
    return run(act, name, SETTINGS["server"][0]["server_name"], "delete")


def phase_refuse():
    """What fails, and says what it is."""
    name = SETTINGS["pages"][0]["provider_name"]
    first, second, third = SETTINGS["server"]
    without = dict((member, value) for member, value in third.items() if member != "size")
    return {
        "no role": failure(create, name, [dict(first, role="")]),
        "no size": failure(create, name, [first, second, without]),
        "nobody's": failure(create, name, [first, second, dict(third, imgae="x")]),
        "two people": failure(two_people, name),
    }


@handler
def two_people(name):
    """One sends less than tells whose it is, while another describes a server, too."""
    driver = yield driver_of(STORE.providers[name]["driver_name"])
    for server_name in ("a", "b"):
        yield driver.validate_app_fields(0, provider_name=name, role="db", server_name=server_name)
    data = yield driver.validate_app_fields(1, provider_name=name, server_name="a")
    assert data["server_name"] == "a", data
    answer = yield driver.validate_app_fields(1, provider_name=name)
    raise Return(answer)


found_ = globals()["phase_" + sys.argv[2]]()
with io.open(sys.argv[1], "w", encoding="utf-8") as file_:
    file_.write(u"%s" % json.dumps(SETTINGS))
print(json.dumps(found_))
