"""openstack_sdk.py RUNS: lists images, flavors, networks and security groups by openstacksdk in one process.

Prints how many there are, and how long the four take together each time, after a first time that logs in.
"""

import json
import sys
import time

import openstack

cloud = openstack.connect()


def usable_images():
    return cloud.image.images(status="active")


def listings():
    return [
        len(list(entries()))
        for entries in (usable_images, cloud.compute.flavors, cloud.network.networks, cloud.network.security_groups)
    ]


counts = listings()
seconds = []
for _ in range(int(sys.argv[1])):
    began = time.perf_counter()
    listings()
    seconds.append(time.perf_counter() - began)
print(json.dumps({"counts": counts, "seconds": seconds}))
