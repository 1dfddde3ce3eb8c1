"""The services' configuration files."""

import configparser

from . import openid, pipelines
from .bed import HOST, REGION, private

# Small, so that every listing has several pages.
PAGE = 10
FIXED_KEY = "0" * 64


def write(bed):
    """Writes every file that a service of `bed` reads."""
    for name in ("log", "lock", "nova", "neutron", "cinder", "images/staging"):
        (bed.path / name).mkdir(parents=True, exist_ok=True)
    for service, sections in (
        ("keystone", keystone(bed)),
        ("placement", placement(bed)),
        ("glance", glance(bed)),
        ("neutron", neutron(bed)),
        ("nova", nova(bed)),
        ("cinder", cinder(bed)),
    ):
        sections["DEFAULT"]["log_file"] = bed.path / "log" / f"{service}.log"
        ini(bed.config(service), sections)
    for service, sections in pipelines.ALL.items():
        ini(bed.pipeline(service), sections)
    (bed.path / "cinder-filters.json").write_text(pipelines.CINDER_FILTERS)


def ini(path, sections):
    parser = configparser.RawConfigParser()
    parser.optionxform = str
    parser.read_dict(sections)
    with open(path, "w", opener=private) as file:
        parser.write(file)


def database(bed, name):
    return {"connection": f"sqlite:///{bed.database(name)}"}


def login(bed, user):
    """How a service's user gets a token."""
    return {
        "auth_type": "password",
        "auth_url": bed.auth_url,
        "username": user,
        "password": bed.password,
        "project_name": "service",
        "user_domain_id": "default",
        "project_domain_id": "default",
    }


def common(bed, service):
    """What all services but Keystone have: how they check a caller's token, and where they lock."""
    return {
        "keystone_authtoken": {
            **login(bed, service),
            "www_authenticate_uri": bed.auth_url,
            "service_token_roles_required": "true",
            "token_cache_time": bed.token_cache,
        },
        "oslo_concurrency": {"lock_path": bed.path / "lock"},
    }


def client(bed, user):
    return {**login(bed, user), "region_name": REGION}


def keystone(bed):
    return {
        "DEFAULT": {"public_endpoint": bed.url("keystone")},
        "database": database(bed, "keystone"),
        "token": {"provider": "fernet", "expiration": bed.token_expiration},
        "fernet_tokens": {"key_repository": bed.path / "fernet"},
        "fernet_receipts": {"key_repository": bed.path / "fernet"},
        # What is decrypted of one is lost to the next reader of a cache in memory.
        "credential": {"key_repository": bed.path / "credential", "caching": "false"},
        "cache": {"enabled": "true", "backend": "oslo_cache.dict"},
        "identity": {"password_hash_rounds": 4},
        "auth": {"methods": "password,token,application_credential,totp,mapped,openid"},
        # A passcode outlives a slow test.
        "totp": {"included_previous_windows": 10},
        "federation": {"assertion_prefix": openid.CLAIM},
        "oslo_policy": {"enforce_scope": "false"},
    }


def placement(bed):
    return {
        "DEFAULT": {},
        "api": {"auth_strategy": "keystone"},
        "placement_database": database(bed, "placement"),
        **common(bed, "placement"),
    }


def glance(bed):
    return {
        "DEFAULT": {
            "bind_host": HOST,
            "enabled_backends": "",
            "node_staging_uri": f"file://{bed.path}/images/staging",
            "limit_param_default": PAGE,
            "api_limit_max": PAGE,
        },
        "database": database(bed, "glance"),
        "glance_store": {
            "stores": "file",
            "default_store": "file",
            "filesystem_store_datadir": bed.path / "images",
        },
        "paste_deploy": {"flavor": "keystone", "config_file": bed.pipeline("glance")},
        **common(bed, "glance"),
    }


def neutron(bed):
    return {
        "DEFAULT": {
            "bind_host": HOST,
            "bind_port": bed.ports["neutron"],
            "state_path": bed.path / "neutron",
            "api_paste_config": bed.pipeline("neutron"),
            "transport_url": "fake:/",
            "core_plugin": "ml2",
            "service_plugins": "router",
            "auth_strategy": "keystone",
            "dhcp_agent_notification": "false",
            "notify_nova_on_port_status_changes": "true",
            "notify_nova_on_port_data_changes": "true",
            # Nova learns of a floating IP at once, not two seconds later.
            "send_events_interval": 0,
            "pagination_max_limit": PAGE,
            "dns_domain": "bed.test.",
            "api_workers": 0,
            "rpc_workers": 0,
        },
        "ml2": {
            "type_drivers": "local,flat",
            "tenant_network_types": "local",
            "mechanism_drivers": "va_always_bind",
            "extension_drivers": "port_security",
        },
        "ml2_type_flat": {"flat_networks": "*"},
        "securitygroup": {"enable_security_group": "true", "firewall_driver": "noop"},
        "quotas": {
            "quota_network": -1,
            "quota_subnet": -1,
            "quota_port": -1,
            "quota_security_group": -1,
            "quota_security_group_rule": -1,
            "quota_floatingip": -1,
        },
        "database": database(bed, "neutron"),
        "nova": client(bed, "nova"),
        "placement": client(bed, "placement"),
        **common(bed, "neutron"),
    }


def nova(bed):
    return {
        "DEFAULT": {
            "host": "host-one",
            "my_ip": HOST,
            "state_path": bed.path / "nova",
            "transport_url": "fake:/",
            "compute_driver": "fake.FakeDriver",
            "enabled_apis": "osapi_compute",
            "osapi_compute_listen": HOST,
            "osapi_compute_listen_port": bed.ports["nova"],
            "vif_plugging_is_fatal": "false",
            "vif_plugging_timeout": 0,
            # A volume gets ten minutes to be made.
            "block_device_allocate_retries": 600,
            "block_device_allocate_retries_interval": 1,
            # A service that a busy machine keeps from reporting is not down.
            "service_down_time": 360000,
        },
        "api": {"auth_strategy": "keystone", "max_limit": PAGE},
        "wsgi": {"api_paste_config": bed.pipeline("nova")},
        "api_database": database(bed, "nova_api"),
        "database": database(bed, "nova_cell1"),
        "conductor": {"workers": 1},
        "vnc": {"enabled": "false"},
        "spice": {"enabled": "false"},
        "glance": {"api_servers": bed.url("glance")},
        "cinder": {"catalog_info": "volumev3:cinderv3:publicURL", "os_region_name": REGION},
        "key_manager": {"backend": "nova.keymgr.conf_key_mgr.ConfKeyManager", "fixed_key": FIXED_KEY},
        "filter_scheduler": {"track_instance_changes": "false"},
        "placement": client(bed, "placement"),
        "neutron": client(bed, "neutron"),
        "service_user": {**login(bed, "nova"), "send_service_user_token": "true"},
        **common(bed, "nova"),
    }


def cinder(bed):
    return {
        "DEFAULT": {
            "host": "host-one",
            "my_ip": HOST,
            "state_path": bed.path / "cinder",
            "transport_url": "fake:/",
            "osapi_volume_listen": HOST,
            "osapi_volume_listen_port": bed.ports["cinder"],
            "osapi_max_limit": PAGE,
            "api_paste_config": bed.pipeline("cinder"),
            "auth_strategy": "keystone",
            "enabled_backends": "fake",
            "service_down_time": 360000,
            "glance_api_servers": bed.url("glance"),
            "resource_query_filters_file": bed.path / "cinder-filters.json",
        },
        "coordination": {"backend_url": f"file://{bed.path}/cinder/coordination"},
        "fake": {
            "volume_driver": "va_bed.volumes.Volumes",
            "volume_backend_name": "fake",
        },
        "database": database(bed, "cinder"),
        "key_manager": {"backend": "cinder.keymgr.conf_key_mgr.ConfKeyManager", "fixed_key": FIXED_KEY},
        **common(bed, "cinder"),
    }
