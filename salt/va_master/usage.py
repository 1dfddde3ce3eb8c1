"""What is used, free and paid for, as the dashboard reads it."""

_THINGS = ("cpus", "ram", "disk")


def unknown():
    """Of a provider that cannot be asked: every member is there, and no number is one."""
    return dict(("%s_%s" % (how, thing), -1) for thing in _THINGS + ("servers",) for how in ("used", "free", "max"))


def provider_usage(data):
    """Numbers; what has no limit, or is not known, is -1."""
    usage = unknown()
    for thing in _THINGS:
        of = data[thing]
        if not of.get("unknown"):
            usage["used_%s" % thing] = of["used"]
            if not of.get("unlimited"):
                usage.update({"free_%s" % thing: of["free"], "max_%s" % thing: of["max"]})
    used, most = data["server_count"], data.get("max_servers")
    usage["used_servers"] = used
    if most is not None:
        usage.update(max_servers=most, free_servers=max(most - used, 0))
    return usage


def billing(provider, servers):
    """The provider with what its servers hold, and each of them with its price."""
    read = ("hostname", "used_cpu", "used_ram", "used_disk", "cost", "estimated_cost")
    rows = [dict((name, server.get(name)) for name in read) for server in servers]
    rows.sort(key=lambda row: -(row["estimated_cost"] or 0))

    def total(name):
        return sum(row[name] or 0 for row in rows)

    # a bill is for the eyes of more people than a password is
    shown = dict((name, value) for name, value in provider.items() if not _is_secret(name))
    shown.update(memory="%s MiB" % total("used_ram"), hdd="%s GiB" % total("used_disk"))
    return {"provider": shown, "servers": rows, "total_cost": total("cost")}


def _is_secret(name):
    return any(word in name.lower() for word in ("password", "secret", "token"))
