"""What a request passes on its way into a service, in Paste's terms.

Debian has such files in its *-common packages, which ask debconf questions and want a database server.
"""

import json

CINDER_FILTERS = json.dumps({"volume": ["name", "status", "metadata", "bootable", "availability_zone", "size"]})

TOKEN = {"paste.filter_factory": "keystonemiddleware.auth_token:filter_factory"}


def made_by(factory):
    return {"paste.filter_factory": factory}


def app(factory):
    return {"paste.app_factory": factory}


def pipeline(*names):
    return {"pipeline": " ".join(names)}


GLANCE = {
    "pipeline:glance-api-keystone": pipeline("versions", "token", "context", "root"),
    "composite:root": {
        "paste.composite_factory": "glance.api:root_app_factory",
        "/": "roots",
        "/v2": "v2",
    },
    "app:roots": app("glance.api.versions:create_resource"),
    "app:v2": app("glance.api.v2.router:API.factory"),
    "filter:versions": made_by("glance.api.middleware.version_negotiation:VersionNegotiationFilter.factory"),
    "filter:token": {**TOKEN, "delay_auth_decision": "true"},
    "filter:context": made_by("glance.api.middleware.context:ContextMiddleware.factory"),
}

NEUTRON = {
    "composite:neutron": {"use": "egg:Paste#urlmap", "/": "roots", "/v2.0": "v2"},
    "app:roots": app("neutron.pecan_wsgi.app:versions_factory"),
    "pipeline:v2": pipeline("request_id", "errors", "token", "context", "extensions", "router"),
    "filter:request_id": made_by("oslo_middleware:RequestId.factory"),
    "filter:errors": made_by("oslo_middleware:CatchErrors.factory"),
    "filter:token": TOKEN,
    "filter:context": made_by("neutron.auth:NeutronKeystoneContext.factory"),
    "filter:extensions": made_by("neutron.api.extensions:plugin_aware_extension_middleware_factory"),
    "app:router": app("neutron.api.v2.router:APIRouter.factory"),
}

NOVA = {
    "composite:osapi_compute": {
        "use": "call:nova.api.openstack.urlmap:urlmap_factory",
        "/": "roots",
        "/v2.1": "root",
        "/v2.1/+": "v2.1",
    },
    "pipeline:roots": pipeline("faults", "versions"),
    "pipeline:root": pipeline("request_id", "faults", "version"),
    "pipeline:v2.1": pipeline("request_id", "faults", "size", "token", "context", "router"),
    "app:versions": app("nova.api.openstack.compute.versions:Versions.factory"),
    "app:version": app("nova.api.openstack.compute.versions:VersionsV2.factory"),
    "filter:request_id": made_by("nova.api.compute_req_id:ComputeReqIdMiddleware.factory"),
    "filter:faults": made_by("nova.api.openstack:FaultWrapper.factory"),
    "filter:size": made_by("oslo_middleware:RequestBodySizeLimiter.factory"),
    "filter:token": TOKEN,
    "filter:context": made_by("nova.api.auth:NovaKeystoneContext.factory"),
    "app:router": app("nova.api.openstack.compute:APIRouterV21.factory"),
}

CINDER = {
    "composite:osapi_volume": {"use": "egg:Paste#urlmap", "/": "roots", "/v3": "v3"},
    "pipeline:roots": pipeline("request_id", "faults", "versions"),
    "pipeline:v3": pipeline("request_id", "faults", "size", "token", "context", "router"),
    "app:versions": app("cinder.api.versions:Versions.factory"),
    "filter:request_id": made_by("cinder.api.middleware.request_id:RequestId.factory"),
    "filter:faults": made_by("cinder.api.middleware.fault:FaultWrapper.factory"),
    "filter:size": made_by("oslo_middleware.sizelimit:RequestBodySizeLimiter.factory"),
    "filter:token": TOKEN,
    "filter:context": made_by("cinder.api.middleware.auth:CinderKeystoneContext.factory"),
    "app:router": app("cinder.api.v3.router:APIRouter.factory"),
}

ALL = {"glance": GLANCE, "neutron": NEUTRON, "nova": NOVA, "cinder": CINDER}
