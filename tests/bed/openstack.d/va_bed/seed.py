"""What is in a bed: enough of everything to fill several pages, and the cases that a client has to tell apart."""

import base64
import json

from . import openid
from .bed import OTHER_REGION, REGION, private
from .identity import CAREFUL, OTHER_DOMAIN, one_time_secret
from .rest import Cloud

# More of each than one page holds, and not many more: Neutron needs a hundredth of a second for each network.
MANY = 15
EXTERNAL = {"cidr": "203.0.113.0/24", "pool": {"start": "203.0.113.10", "end": "203.0.113.200"}}


def fill(bed):
    """Fills a new bed, and writes down the ids that nobody can know beforehand."""
    admin, demo, small = (
        Cloud(bed.auth_url, user, bed.password, project)
        for user, project in (("admin", "admin"), ("demo", "demo"), ("demo", "small"))
    )
    other = Cloud(bed.auth_url, "other", bed.password, "other")
    quotas(admin, demo, small)
    flavors(admin, other)
    images(admin, other)
    networks(admin, demo, other)
    security_groups(demo)
    key_pairs(demo)
    zones(admin)
    volume_types(admin)
    with open(bed.path / "seed.json", "w", opener=private) as file:
        json.dump(application_credential(bed, demo), file)


def environment(bed):
    """What `openstack env` prints."""
    return {
        "VA_BED": bed.path.parent,
        "VA_OS_AUTH_URL": bed.auth_url,
        "VA_OS_REGION": REGION,
        "VA_OS_REGION_OTHER": OTHER_REGION,
        "VA_OS_DOMAIN": "Default",
        "VA_OS_DOMAIN_OTHER": OTHER_DOMAIN,
        "VA_OS_USERNAME": "demo",
        "VA_OS_PASSWORD": bed.password,
        "VA_OS_PROJECT": "demo",
        "VA_OS_PROJECT_SMALL": "small",
        "VA_OS_ADMIN_USERNAME": "admin",
        "VA_OS_ADMIN_PASSWORD": bed.password,
        "VA_OS_ADMIN_PROJECT": "admin",
        "VA_OS_OTHER_USERNAME": "other",
        "VA_OS_OTHER_PASSWORD": bed.password,
        "VA_OS_OTHER_PROJECT": "other",
        "VA_OS_CAREFUL_USERNAME": CAREFUL,
        "VA_OS_TOTP_SECRET": one_time_secret(bed),
        "VA_OS_IDENTITY_PROVIDER": openid.PROVIDER,
        "VA_OS_PROTOCOL": openid.PROTOCOL,
        "VA_OS_DISCOVERY": bed.url("keystone", openid.DISCOVERY),
        "VA_OS_ACCESS_TOKEN": openid.signed(bed, "demo"),
        **json.loads((bed.path / "seed.json").read_text()),
    }


def quotas(admin, demo, small):
    admin.put("compute", f"/os-quota-sets/{demo.project}", {"quota_set": {"instances": 50, "cores": -1, "ram": -1}})
    admin.put("compute", f"/os-quota-sets/{small.project}", {"quota_set": {"instances": 1}})
    admin.put("network", f"/v2.0/quotas/{small.project}", {"quota": {"floatingip": 1}})
    admin.put("volumev3", f"/os-quota-sets/{demo.project}", {"quota_set": {"volumes": 50, "gigabytes": -1}})
    admin.put("volumev3", f"/os-quota-sets/{small.project}", {"quota_set": {"volumes": 1}})


def flavors(admin, other):
    sizes = {
        "m1.tiny": {"vcpus": 1, "ram": 64, "disk": 1},
        "m1.small": {"vcpus": 1, "ram": 512, "disk": 5},
        "m1.large": {"vcpus": 4, "ram": 4096, "disk": 20, "OS-FLV-EXT-DATA:ephemeral": 10, "swap": 256},
        # Boots from a volume, as it has no disk of its own.
        "m1.diskless": {"vcpus": 1, "ram": 256, "disk": 0},
        # More than any host has: servers of it end in an error.
        "m1.huge": {"vcpus": 5000, "ram": 64, "disk": 1},
        "private": {"vcpus": 1, "ram": 128, "disk": 1, "os-flavor-access:is_public": False},
    }
    sizes |= {f"size-{n:02}": {"vcpus": 2, "ram": 1024 + n, "disk": n} for n in range(1, MANY + 1)}
    for name, size in sizes.items():
        admin.post("compute", "/flavors", {"flavor": {"name": name, **size}})
    private_one = next(
        flavor["id"]
        for flavor in admin.all("compute", "/flavors?is_public=none", "flavors")
        if flavor["name"] == "private"
    )
    access = {"addTenantAccess": {"tenant": other.project}}
    admin.post("compute", f"/flavors/{private_one}/action", access)


def images(admin, other):
    def image(cloud, name, content, **values):
        body = {"name": name, "disk_format": "raw", "container_format": "bare", "visibility": "public", **values}
        made = cloud.post("image", "/v2/images", body)
        if content:
            cloud.put("image", f"/v2/images/{made['id']}/file", content)

    disk = bytes(510) + b"\x55\xaa" + bytes(256 * 1024 - 512)  # with a boot sector's signature, and nothing to boot
    image(admin, "tiny", disk, os_distro="cirros", os_version="0.6")
    image(admin, "spare", disk, os_distro="debian", min_ram=64, min_disk=1, tags=["spare"])
    image(admin, "twin", disk)
    image(admin, "twin", disk)
    image(admin, "needs-memory", disk, min_ram=4096)
    image(admin, "queued", None)
    image(other, "others-private", disk, visibility="private")
    for n in range(1, MANY + 1):
        image(admin, f"image-{n:02}", disk[:512])


def networks(admin, demo, other):
    def network(cloud, name, *cidrs, pool=None, dhcp=True, **values):
        made = cloud.post("network", "/v2.0/networks", {"network": {"name": name, **values}})["network"]["id"]
        ids = []
        for cidr in cidrs:
            subnet = {"network_id": made, "cidr": cidr, "ip_version": 6 if ":" in cidr else 4, "enable_dhcp": dhcp}
            subnet |= {"allocation_pools": [pool]} if pool else {}
            ids.append(cloud.post("network", "/v2.0/subnets", {"subnet": subnet})["subnet"]["id"])
        return made, ids

    flat = {"router:external": True, "provider:network_type": "flat", "provider:physical_network": "outside"}
    external, _ = network(admin, "public", EXTERNAL["cidr"], pool=EXTERNAL["pool"], dhcp=False, **flat)
    network(admin, "shared", "10.60.0.0/24", shared=True)
    network(other, "others-private", "10.59.0.0/24")
    _, (subnet,) = network(demo, "private", "10.61.0.0/24")
    network(demo, "second", "10.62.0.0/24")
    network(demo, "dual", "10.63.0.0/24", "fd00:63::/64")
    network(demo, "twin", "10.64.0.0/24")
    network(demo, "twin", "10.65.0.0/24")
    network(demo, "no-subnet")
    for n in range(1, MANY + 1):
        network(demo, f"net-{n:02}", f"10.66.{n}.0/24")
    router = {"name": "router", "external_gateway_info": {"network_id": external}}
    router = demo.post("network", "/v2.0/routers", {"router": router})["router"]["id"]
    demo.put("network", f"/v2.0/routers/{router}/add_router_interface", {"subnet_id": subnet})


def security_groups(demo):
    def group(name, *ports):
        made = demo.post("network", "/v2.0/security-groups", {"security_group": {"name": name}})
        made = made["security_group"]["id"]
        for port in ports:
            rule = {"security_group_id": made, "direction": "ingress", "protocol": "tcp"}
            rule |= {"port_range_min": port, "port_range_max": port}
            demo.post("network", "/v2.0/security-group-rules", {"security_group_rule": rule})

    group("web", 80, 443)
    group("ssh", 22)
    # Nova 31 then refuses every server that itself is to give groups; ports that are there have theirs.
    group("twin")
    group("twin")
    for n in range(1, MANY + 1):
        group(f"group-{n:02}")


def key_pairs(demo):
    for name in ("demo", *(f"key-{n:02}" for n in range(1, 13))):
        # Nova looks at the form of a key only; nobody has the private half of this one.
        blob = b"".join(len(part).to_bytes(4, "big") + part for part in (b"ssh-ed25519", name.encode().ljust(32, b".")))
        public = f"ssh-ed25519 {base64.b64encode(blob).decode()} {name}"
        demo.post("compute", "/os-keypairs", {"keypair": {"name": name, "public_key": public}})


def zones(admin):
    for zone, host in (("zone-one", "host-one"), ("zone-two", "host-two")):
        aggregate = {"aggregate": {"name": zone, "availability_zone": zone}}
        made = admin.post("compute", "/os-aggregates", aggregate)["aggregate"]["id"]
        admin.post("compute", f"/os-aggregates/{made}/action", {"add_host": {"host": host}})


def volume_types(admin):
    for name in ("fast", "slow"):
        admin.post("volumev3", "/types", {"volume_type": {"name": name}})


def application_credential(bed, demo):
    secret = bed.password[::-1]
    body = {"application_credential": {"name": "tests", "secret": secret}}
    made = demo.post("identity", f"/users/{demo.user}/application_credentials", body)["application_credential"]
    return {"VA_OS_APP_CRED_ID": made["id"], "VA_OS_APP_CRED_SECRET": secret}
