"""The networks of a server, as ours and as Salt's openstack and nova drivers have them."""

from .errors import invalid

# nova's words for the members of an interface
_WORDS = {
    "name": "network",
    "id": "network",
    "net-id": "network",
    "net-name": "network",
    "net_id": "network",
    "net_name": "network",
    "port-id": "port",
    "port_id": "port",
}


def networks(profile):
    """``network`` or ``networks``, and the pool of nova's ``floating`` among them as ``floating_ip``."""
    said = profile.said("network", "networks", "nics")
    said = {name: value for name, value in said.items() if value}
    if len(said) > 1:
        raise invalid(f"{' and '.join(said)} say two things; say one of them")
    for name, value in said.items():
        if name == "network" and not isinstance(value, (list, dict)):
            return {"network": value}
        found = {"networks": []}
        for one in value if isinstance(value, list) else [value]:
            floating = _add(found["networks"], one)
            if floating is not None:
                found["floating_ip"] = floating
        return found
    return {}


def _add(interfaces, one):
    """Adds what ``one`` stands for to ``interfaces``; answers the pool where it is nova's ``floating``."""
    if not isinstance(one, dict):
        interfaces.append(one)
        return None
    if set(one) == {"fixed"}:
        fixed = one["fixed"]
        interfaces.extend(fixed if isinstance(fixed, list) else [fixed])
        return None
    if set(one) == {"floating"}:
        pools = one["floating"]
        return (pools[0] if pools else "") if isinstance(pools, list) else pools
    interface = {}
    for name, value in one.items():
        meant = _WORDS.get(name, name)
        # two words for one thing: the executable refuses the one that is not its own
        interface[name if meant in one and meant != name or meant in interface else meant] = value
    interfaces.append(interface)
    return None
