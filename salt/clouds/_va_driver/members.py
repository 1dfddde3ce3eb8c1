"""
What may stand in a profile or a map's entry: the one list of it.

Every name that is in none of these tables is refused: a member that is passed over in silence makes another
server than the one that was meant. A test compares ``SERVER`` with the protocol's schema, and ``SALTS`` with
what Salt itself reads. No import, so that both can be had without Salt.
"""

# The members of the protocol's `server`, and whether an event may tell them: no user data, no keys.
SERVER = {
    "server_name": True,
    "image": True,
    "size": True,
    "network": True,
    "networks": True,
    "addresses": False,
    "gateways": False,
    "dns": False,
    "sec_group": False,
    "sec_groups": False,
    "availability_zone": False,
    "key_name": False,
    "boot_volume": False,
    "floating_ip": False,
    "server_group": False,
    "scheduler_hints": False,
    "metadata": False,
    "tags": False,
    "description": False,
    "config_drive": False,
    "storage_disk": True,
    "disks": True,
    "clone": True,
    "pool": True,
    "virt_type": False,
    "machine": False,
    "firmware": False,
    "graphics": False,
    "cpu": False,
    "arch": False,
    "disk_bus": False,
    "secure_boot": False,
    "tpm": False,
    "autostart": False,
    "domain_xml": False,
    "network_config": False,
    "seed": False,
    "role": True,
    "domain": False,
    "ssh_keys": False,
    "user_data": False,
    "minion": False,
}

# What this side reads, beside them.
OURS = frozenset(
    [
        "create_timeout",
        "deploy",
        "grains",
        "make_master",
        "master_finger",
        "master_sign_pub_file",
        "minion_timeout",
        "pin_master",
        "seal",
        "start_action",
        "use_fqdn",
        "user_data_file",
        "userdata_template",
        "wait",
        "wait_for_minion",
        "wait_timeout",
    ]
)

# Names of Salt's old drivers for openstack, nova and libvirt: {name: the member that is meant}.
SYNONYMS = {
    "auto_ip": "floating_ip",
    "boot_from_volume": "boot_volume",
    "clone_strategy": "clone",
    "flavor": "size",
    "flavour": "size",
    "group": "server_group",
    "ip_pool": "floating_ip",
    "ips": "floating_ip",
    "keyname": "key_name",
    "keypair": "key_name",
    "meta": "metadata",
    "nics": "networks",
    "root_volume": "boot_volume",
    "security_group": "sec_group",
    "security_groups": "sec_groups",
    "securitygroup": "sec_groups",
    "securitygroups": "sec_groups",
    "ssh_key_name": "key_name",
    "terminate_volume": "boot_volume",
    "userdata": "user_data",
    "userdata_file": "user_data_file",
    "volume_size": "boot_volume",
    "volumes": "disks",
}

_BOOTSTRAP = "Salt's way to install a minion over SSH, which the image has already"
_KEYS = "Salt makes the key pair and accepts it before a driver is asked"
_SALT = "Salt itself reads it"

# What is passed over on purpose, and why.
PASSED_OVER = {
    "delete_sshkeys": _BOOTSTRAP,
    "deploy_command": _BOOTSTRAP,
    "display_ssh_output": _BOOTSTRAP,
    "file_transport": _BOOTSTRAP,
    "force_minion_config": _BOOTSTRAP,
    "gateway": _BOOTSTRAP,
    "has_ssh_agent": _BOOTSTRAP,
    "ignore_cidr": _BOOTSTRAP,
    "ip_source": "an address is learned by lease and by guest agent, whichever comes first",
    "key_filename": _BOOTSTRAP,
    "keysize": _KEYS,
    "known_hosts_file": _BOOTSTRAP,
    "os": _BOOTSTRAP,
    "password": _BOOTSTRAP,
    "preseed_minion_keys": _KEYS,
    "private_key": _BOOTSTRAP,
    "protocol": _BOOTSTRAP,
    "requires": _SALT,
    "salt_host": _BOOTSTRAP,
    "salt_interface": _BOOTSTRAP,
    "script": _BOOTSTRAP,
    "script_args": _BOOTSTRAP,
    "script_env": _BOOTSTRAP,
    "show_deploy_args": _SALT,
    "smb_port": _BOOTSTRAP,
    "ssh_agent": _BOOTSTRAP,
    "ssh_gateway": _BOOTSTRAP,
    "ssh_gateway_command": _BOOTSTRAP,
    "ssh_gateway_key": _BOOTSTRAP,
    "ssh_gateway_password": _BOOTSTRAP,
    "ssh_gateway_port": _BOOTSTRAP,
    "ssh_gateway_private_key": _BOOTSTRAP,
    "ssh_gateway_username": _BOOTSTRAP,
    "ssh_host": _BOOTSTRAP,
    "ssh_interface": _BOOTSTRAP,
    "ssh_key_file": _BOOTSTRAP,
    "ssh_keyfile": _BOOTSTRAP,
    "ssh_password": _BOOTSTRAP,
    "ssh_port": _BOOTSTRAP,
    "ssh_timeout": _BOOTSTRAP,
    "ssh_username": _BOOTSTRAP,
    "sudo": _BOOTSTRAP,
    "sudo_password": _BOOTSTRAP,
    "sync_after_install": _SALT,
    "tmp_dir": _BOOTSTRAP,
    "tty": _BOOTSTRAP,
    "use_winrm": _BOOTSTRAP,
    "validate_xml": "nobody's domain is copied, so there is no XML to validate",
    "wait_for_fun_timeout": _BOOTSTRAP,
    "wait_for_ip_interval": _BOOTSTRAP,
    "wait_for_ip_interval_multiplier": _BOOTSTRAP,
    "wait_for_passwd_maxtries": _BOOTSTRAP,
    "wait_for_passwd_timeout": _BOOTSTRAP,
    "win_delay_start": _BOOTSTRAP,
    "win_install_dir": _BOOTSTRAP,
    "win_password": _BOOTSTRAP,
    "win_username": _BOOTSTRAP,
    "winrm_port": _BOOTSTRAP,
    "winrm_use_ssl": _BOOTSTRAP,
    "winrm_verify_ssl": _BOOTSTRAP,
}

_GUEST = "nothing is run or copied over SSH; say it to cloud-init, by `user_data`"
_SIZE = "CPUs, memory and root disk come by `size`; on libvirt the provider's `flavours` define one"
_PROVIDER = "it belongs into the provider"
_LATER = "va-driver has nothing for it"

# What is known, and would make another server than the one asked for: {name: why, and the way out}.
REFUSED = {
    "append_domain": "it belongs into `minion`: minion: {append_domain: …}",
    "base_domain": "no domain is copied: import its disk (`salt-run va_driver.image_import`) and say `image`",
    "block_device_mapping": "say `boot_volume` and `disks`",
    "block_device_mapping_v2": "say `boot_volume` and `disks`",
    "cpus": _SIZE,
    "external_network": f"{_PROVIDER}; a profile says floating_ip: NETWORK",
    "file_map": _GUEST,
    "flush_mine_on_destroy": "grains, pillar and mine go with the server, unless the master has preserve_minion_cache",
    "files": _GUEST,
    "inline_script": _GUEST,
    "instance_id": "no server is taken over; a new one is made",
    "location": _PROVIDER,
    "make_minion": "say deploy: False",
    "make_syndic": "a minion is made; have a state or `user_data` install salt-master (and salt-syndic) on it",
    "master": "it belongs into `minion`: minion: {master: …}",
    "memory": _SIZE,
    "num_cpus": _SIZE,
    "preflight_cmds": _GUEST,
    "ram": _SIZE,
    "remove_config_on_destroy": _LATER,
    "shutdown_on_destroy": _LATER,
    "timeout": f"{_PROVIDER}; a profile says wait_timeout, minion_timeout, create_timeout",
    "vcpus": _SIZE,
    "vol_capacity": _SIZE,
    "wait_for_ip_timeout": "say wait_timeout",
    "wait_for_metadata": _LATER,
    "wake_on_lan_mac": _LATER,
    "win_installer": "the image has to bring its minion",
    "wol_boot_wait": _LATER,
    "wol_sender_node": _LATER,
    **dict.fromkeys(
        [
            "admin_pass",
            "disk_config",
            "extra",
            "extras",
            "max_count",
            "min_count",
            "nat_destination",
            "reservation_id",
            "reuse_ips",
        ],
        _LATER,
    ),
    **dict.fromkeys(
        [
            "auth",
            "auth_url",
            "cloud",
            "compute_region",
            "connect_timeout",
            "console_log",
            "currency",
            "defaults",
            "flavours",
            "host_ip",
            "host_protocol",
            "identity_url",
            "image_pool",
            "prices",
            "provider_ip",
            "provider_protocol",
            "region",
            "region_name",
            "tenant",
            "uri",
            "url",
            "user",
            "username",
            "va_driver",
        ],
        _PROVIDER,
    ),
}

# … but for the one value that says what is done anyway.
HARMLESS = {
    "flush_mine_on_destroy": True,
    "make_minion": True,
    "remove_config_on_destroy": True,
}

# Of what is passed over, what a roster for salt-ssh reads: a migration keeps it.
LOGIN = (
    "ssh_username",
    "ssh_password",
    "private_key",
    "ssh_keyfile",
    "ssh_key_file",
    "ssh_port",
    "sudo",
    "sudo_password",
    "tty",
)

# … and that with what Salt itself reads.
KEPT = frozenset([*LOGIN, *(name for name, why in PASSED_OVER.items() if why == _SALT)])

# Of what is refused, what a migration puts into `minion`: {the profile's member: the minion's}.
MINIONS = {"append_domain": "append_domain", "master": "master"}

# What Salt puts there, besides what somebody has written.
SALTS = frozenset(
    [
        "alias",
        "driver",
        "level",
        "master_pem",
        "master_pub",
        "name",
        "priv_key",
        "profile",
        "profiles",
        "provider",
        "pub_key",
    ]
)

# What of a provider is the record's own beside its driver's settings, and not only its servers'.
_RECORDS = frozenset(
    "network sec_group image size availability_zone key_name pool virt_type machine firmware graphics cpu domain "
    "password".split()
)


def is_known(name):
    """Whether a profile may hold ``name``, or it is known why not."""
    return any(name in table for table in (SERVER, OURS, SYNONYMS, PASSED_OVER, REFUSED, SALTS))


def is_only_for_servers(name):
    """Whether a provider holds ``name`` for its servers, or for Salt: the executable's record has nothing for it."""
    return name not in _RECORDS and any(name in table for table in (SERVER, OURS, SYNONYMS, PASSED_OVER))
